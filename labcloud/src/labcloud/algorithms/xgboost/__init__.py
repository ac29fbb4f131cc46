"""The built-in XGBoost algorithm, after AWS's container `sagemaker-xgboost` in algorithm mode."""
