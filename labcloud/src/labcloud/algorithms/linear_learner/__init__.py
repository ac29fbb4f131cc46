"""A stand-in for AWS's built-in algorithm `linear-learner`, whose code is closed.

Requests, answers, hyperparameters, metrics and log lines are those that AWS documents. The model is
fitted by scikit-learn, mostly exactly, where AWS's comes from stochastic gradient descent: it is
close to AWS's, and not the same.
"""
