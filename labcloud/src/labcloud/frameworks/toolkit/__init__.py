"""What AWS's toolkits do inside a framework image: runs the user's script, and serves with it.

Written after the public sources of sagemaker-training-toolkit 4.8 (scikit-learn) and
sagemaker-containers 2.8 (XGBoost, and all serving). Decision 51 says why they
are not run themselves.
"""
