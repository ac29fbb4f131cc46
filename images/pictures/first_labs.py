"""Pictures of labs 01 to 03: training, batch transform, and a container of one's own."""

from __future__ import annotations

from .parts import Arrow, Box, Frame, Picture

PICTURES = (
    Picture(
        "01-train-and-deploy",
        "The notebook uploads CSV to S3; a training job reads it and writes model.tar.gz to S3; "
        "an endpoint loads the model and answers the notebook's requests.",
        (
            Box(0, 0.5, "This notebook", "you", "boto3, SageMaker SDK"),
            Box(1.4, 0, "S3", "data", "train, validation"),
            Box(2.8, 0, "Training job", "aws", "XGBoost's container"),
            Box(2.8, 1, "S3 ", "data", "model.tar.gz"),
            Box(1.4, 1, "Endpoint", "aws", "the same container"),
        ),
        (
            Arrow("This notebook", "S3", "upload", (4,)),
            Arrow("S3", "Training job", "channels", (5,)),
            Arrow("Training job", "S3 ", "artifact", (5,)),
            Arrow("S3 ", "Endpoint", "model", (8,)),
            Arrow("This notebook", "Endpoint", "invoke", (9, 10)),
        ),
    ),
    Picture(
        "02-batch-transform",
        "The notebook uploads a file to S3; a transform job loads lab 01's model, sends it the "
        "file's lines, and writes the answers to S3, where the notebook reads them.",
        (
            Box(0, 0.5, "This notebook", "you", "asks and reads"),
            Box(1.4, 0, "S3", "data", "batch_input"),
            Box(1.4, 1, "S3 ", "data", "batch_output"),
            Box(2.8, 0.5, "Transform job", "aws", "gone when it is done"),
            Box(4.1, 0.5, "Model", "data", "of lab 01"),
        ),
        (
            Arrow("This notebook", "S3", "upload", (3,)),
            Arrow("S3", "Transform job", "lines", (4,)),
            Arrow("Transform job", "S3 ", "answers", (4,)),
            Arrow("S3 ", "This notebook", "download", (5,)),
            Arrow("Model", "Transform job", "loads", (4,)),
        ),
    ),
    Picture(
        "02-two-levels",
        "The notebook calls the SageMaker SDK, or boto3 itself; the SDK calls boto3 too, and both "
        "end as the same requests to SageMaker, whose jobs read and write S3.",
        (
            Box(0, 0.5, "This notebook", "you", "your decisions"),
            Box(1.4, 0, "SageMaker SDK", "plain", "decides the rest"),
            Box(1.4, 1, "boto3", "plain", "decides nothing"),
            Box(2.8, 1, "SageMaker", "aws", "jobs and models"),
            Box(4.1, 1, "S3", "data", "data and artifacts"),
        ),
        (
            Arrow("This notebook", "SageMaker SDK", "high level", (4, 6)),
            Arrow("This notebook", "boto3", "low level", (8, 9)),
            Arrow("SageMaker SDK", "boto3", "calls"),
            Arrow("boto3", "SageMaker", "HTTPS"),
            Arrow("SageMaker", "S3", "reads, writes"),
        ),
    ),
    Picture(
        "03-byoc",
        "The notebook builds an image and pushes it to ECR; a training job pulls it and runs "
        "train, which writes model.tar.gz to S3; an endpoint pulls the same image and runs serve, "
        "which loads that model.",
        (
            Box(0, 0.5, "This notebook", "you", "a Dockerfile, five files"),
            Box(1.5, 0.5, "ECR", "data", "your image"),
            Box(2.9, 0, "Training job", "aws", "runs train"),
            Box(2.9, 1, "Endpoint", "aws", "runs serve"),
            Box(4.2, 0.5, "S3", "data", "model.tar.gz"),
        ),
        (
            Arrow("This notebook", "ECR", "build, push", (5, 8)),
            Arrow("ECR", "Training job", "pull", (9,)),
            Arrow("ECR", "Endpoint", "pull", (10,)),
            Arrow("Training job", "S3", "artifact", (9,)),
            Arrow("S3", "Endpoint", "model", (10,)),
        ),
    ),
    Picture(
        "03-contract",
        "Training: SageMaker copies S3 to /opt/ml/input, runs train, and packs what it leaves in "
        "/opt/ml/model into model.tar.gz in S3. Serving: SageMaker unpacks that to /opt/ml/model, "
        "runs serve, and sends it GET /ping and POST /invocations on port 8080.",
        (
            Box(0, 0, "S3", "data", "your channels"),
            Box(1.2, 0, "/opt/ml/input", "plain", "config, data"),
            Box(2.3, 0, "train", "you", "ends with 0, or fails"),
            Box(3.4, 0, "/opt/ml/model", "plain", "whatever train saves"),
            Box(4.7, 0, "S3 ", "data", "model.tar.gz"),
            Box(4.7, 1, "S3  ", "data", "the same file"),
            Box(3.4, 1, "/opt/ml/model ", "plain", "read only"),
            Box(2.3, 1, "serve", "you", "listens on port 8080"),
            Box(0, 1, "SageMaker", "aws", "for whoever invokes"),
        ),
        (
            Arrow("S3", "/opt/ml/input", "copies"),
            Arrow("/opt/ml/input", "train"),
            Arrow("train", "/opt/ml/model"),
            Arrow("/opt/ml/model", "S3 ", "packs"),
            Arrow("S3 ", "S3  "),
            Arrow("S3  ", "/opt/ml/model ", "unpacks"),
            Arrow("/opt/ml/model ", "serve"),
            Arrow("SageMaker", "serve", "/ping, /invocations"),
        ),
        (Frame("/opt/ml/input", "/opt/ml/model ", "inside your container"),),
    ),
    Picture(
        "03-servers",
        "Test flowers go from the notebook to the endpoint. AWS runs its container: nginx takes "
        "the request on port 8080 and hands it to gunicorn, which calls predictor.py. A local test "
        "asks another container, on your machine, where gunicorn is alone and calls predictor.py "
        "itself.",
        (
            Box(0, 0, "This notebook", "you", "38 test flowers"),
            Box(1.8, 0, "nginx", "aws", "port 8080"),
            Box(3.1, 0, "gunicorn", "aws", "workers, threads"),
            Box(4.4, 0, "predictor.py", "aws", "holds the model"),
            Box(0, 1.4, "Local test", "you", "slow clients"),
            Box(3.1, 1.4, "gunicorn ", "you", "alone, port 8080"),
            Box(4.4, 1.4, "predictor.py ", "you", "holds the model"),
        ),
        (
            Arrow("This notebook", "nginx", "invoke", (3,)),
            Arrow("nginx", "gunicorn", "socket", (4,)),
            Arrow("gunicorn", "predictor.py", "WSGI", (4,)),
            Arrow("Local test", "gunicorn ", "ping, invoke", (5,)),
            Arrow("gunicorn ", "predictor.py ", "WSGI"),
        ),
        (
            Frame("nginx", "predictor.py", "Endpoint", "aws"),
            Frame("nginx", "predictor.py", "its container, which runs serve"),
            Frame("gunicorn ", "predictor.py ", "another container, on your machine"),
        ),
    ),
)
