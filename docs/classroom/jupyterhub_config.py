"""JupyterHub for a room of learners on one machine. README.md says how to use it."""

c = get_config()  # noqa: F821  JupyterHub defines it.

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
# Users of the machine, with their passwords.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = True
c.Spawner.cmd = ["/opt/sagemaker-labs/docs/classroom/start-learner"]
c.Spawner.default_url = "/lab/tree/sagemaker-labs/work/01-xgboost-iris/01-xgboost-iris.ipynb"
# The first start copies the course, and a room starts at the same minute.
c.Spawner.start_timeout = 180
# A kernel that nobody has used for two hours gives its memory back. Its variables are lost.
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=7200",
    "--MappingKernelManager.cull_connected=True",
]
