"""What scripts use of the XGBoost container's own package."""
