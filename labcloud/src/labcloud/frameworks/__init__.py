"""AWS's framework images, which run a script of the user's: scikit-learn, and XGBoost.

A framework is a build context of labcloud's own (`contexts`), run like one that a user has pushed.
The programs of AWS's toolkits in it are in `toolkit`.
"""
