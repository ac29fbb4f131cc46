"""Pictures of labs 06 and 07: scripts in AWS's images, and an application around a model."""

from __future__ import annotations

from .parts import Arrow, Box, Frame, Picture

PICTURES = (
    Picture(
        "06-script-mode",
        "A folder with train.py runs by hand on this machine; as a training job, the SDK uploads "
        "the folder and its own drivers to S3, AWS's scikit-learn image runs the drivers, they "
        "run train.py, and model.tar.gz goes to S3.",
        (
            Box(0, 0.5, "src/train.py", "you", "one folder"),
            Box(1.4, 0, "This machine", "you", "seconds, free"),
            Box(1.4, 1, "S3", "data", "src, drivers, data"),
            Box(2.9, 1, "Training job", "aws", "AWS's image"),
            Box(4.2, 0, "CloudWatch", "data", "log, metric"),
            Box(4.2, 1, "S3 ", "data", "model.tar.gz"),
        ),
        (
            Arrow("src/train.py", "This machine", "by hand", (4,)),
            Arrow("src/train.py", "S3", "the SDK", (5,)),
            Arrow("S3", "Training job", "channels", (5,)),
            Arrow("Training job", "CloudWatch", "prints", (6,)),
            Arrow("Training job", "S3 ", "artifact", (5,)),
        ),
    ),
    Picture(
        "06-serve",
        "The artifact of lab 06a and the folder src become one archive in S3, with the script in "
        "code/; a model names the image and the archive; an endpoint and a transform job run AWS's "
        "image, which calls model_fn once and input_fn, predict_fn and output_fn for each request.",
        (
            Box(0, 0, "Artifact", "data", "model.joblib"),
            Box(0, 1, "src", "you", "the script"),
            Box(1.25, 0.5, "S3", "data", "model and code/"),
            Box(2.4, 0.5, "Model", "data", "image, archive"),
            Box(3.85, 0, "Endpoint", "aws", "online"),
            Box(3.85, 1.15, "Transform job", "aws", "in a batch"),
            Box(5.05, 0, "model_fn", "you", "and three more"),
            Box(5.05, 1.15, "model_fn ", "you", "and the same three"),
        ),
        (
            Arrow("Artifact", "S3", "pack", (3,)),
            Arrow("src", "S3", "pack", (3,)),
            Arrow("S3", "Model", "build", (3,)),
            Arrow("Model", "Endpoint", "deploy", (3, 7)),
            Arrow("Model", "Transform job", "starts", (6,)),
            Arrow("Endpoint", "model_fn", "calls"),
            Arrow("Transform job", "model_fn ", "calls"),
        ),
        (
            Frame("Endpoint", "model_fn", "AWS's image, with your functions in it"),
            Frame("Transform job", "model_fn ", "the same image and functions"),
        ),
    ),
    Picture(
        "07-reviews",
        "The notebook counts the words of the reviews and uploads the rows to S3; a training job "
        "makes a model of them; a transform job predicts the test in a batch; an endpoint answers "
        "for single reviews; a tuning job looks for better settings.",
        (
            Box(0, 0.5, "Reviews", "you", "a bag of words"),
            Box(1.4, 0.5, "S3", "data", "LIBSVM"),
            Box(2.8, 0, "Training job", "aws", "XGBoost"),
            Box(2.8, 1, "Tuning job", "aws", "six trainings"),
            Box(4.2, 0.5, "Models", "data", "in S3"),
            Box(5.6, 0, "Transform job", "aws", "the whole test"),
            Box(5.6, 1, "Endpoint", "aws", "chunks, one review"),
        ),
        (
            Arrow("Reviews", "S3", "upload", (4,)),
            Arrow("S3", "Training job", "train", (5,)),
            Arrow("S3", "Tuning job", "search", (9,)),
            Arrow("Training job", "Models"),
            Arrow("Tuning job", "Models"),
            Arrow("Models", "Transform job", "batch", (6,)),
            Arrow("Models", "Endpoint", "deploy", (7,)),
        ),
    ),
    Picture(
        "07-web-app",
        "A browser with the page posts a review to an HTTP API; the API hands it to a Lambda "
        "function, which counts the words and asks the endpoint; the endpoint serves the model of "
        "lab 07a; the function writes its log to CloudWatch.",
        (
            Box(0, 0, "Browser", "you", "the page"),
            Box(1.4, 0, "HTTP API", "aws", "CORS, a limit"),
            Box(2.8, 0, "Function", "aws", "counts the words"),
            Box(4.2, 0, "Endpoint", "aws", "XGBoost"),
            Box(2.8, 1, "CloudWatch", "data", "its log"),
            Box(4.2, 1, "Model", "data", "of lab 07a"),
        ),
        (
            Arrow("Browser", "HTTP API", "POST", (7, 8)),
            Arrow("HTTP API", "Function", "event", (6,)),
            Arrow("Function", "Endpoint", "LIBSVM", (5,)),
            Arrow("Function", "CloudWatch", "prints"),
            Arrow("Model", "Endpoint", "serve", (2,)),
        ),
    ),
    Picture(
        "07-update",
        "The page calls the API and its function, which ask the endpoint; the endpoint serves the "
        "old model at first; new reviews go into a training job, which makes a new model; an "
        "update puts that under the same endpoint.",
        (
            Box(0, 0, "The page", "you", "in use all the time"),
            Box(1.3, 0, "API, function", "aws", "as in lab 07b"),
            Box(2.7, 0, "Endpoint", "aws", "its name stays"),
            Box(4.2, 0, "Old model", "data", "of lab 07a"),
            Box(0, 1, "New reviews", "you", "with labels"),
            Box(1.3, 1, "Training job", "aws", "old and new"),
            Box(2.7, 1, "New model", "data"),
        ),
        (
            Arrow("The page", "API, function", "POST"),
            Arrow("API, function", "Endpoint", "asks"),
            Arrow("Old model", "Endpoint", "serves", (2,)),
            Arrow("New reviews", "Training job", "train", (5,)),
            Arrow("Training job", "New model"),
            Arrow("New model", "Endpoint", "update", (6,)),
        ),
    ),
)
