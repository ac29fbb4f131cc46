"""What AWS's toolkits do inside a framework image: runs the user's script, and serves with it.

Written after the public sources of sagemaker-training-toolkit 4.8 (scikit-learn) and
sagemaker-containers 2.8 (XGBoost, and all serving). Neither can be installed beside today's Flask,
numpy and protobuf, and the second is archived: see decision 51.
"""
