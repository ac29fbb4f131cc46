"""Pictures of labs 08 and 09, and of the course: a project, a pipeline, and what runs where."""

from __future__ import annotations

from .parts import Arrow, Box, Picture

PICTURES = (
    Picture(
        "08-project",
        "The folder src with model.py runs on this machine with LocalEnv; it is built into an "
        "image; a processing job runs its generator, which makes a dataset in S3; a training job "
        "runs its trainer and stores the model in S3; dataset and model are downloaded to this "
        "machine.",
        (
            Box(0, 0.5, "src/model.py", "you", "three classes"),
            Box(1.4, 0, "This machine", "you", "LocalEnv"),
            Box(1.4, 1, "ECR", "data", "the image"),
            Box(2.75, 1, "Processing job", "aws", "generator"),
            Box(4.2, 1, "S3", "data", "dataset"),
            Box(5.5, 1, "Training job", "aws", "trainer"),
            Box(5.5, 0, "S3 ", "data", "model.tar.gz"),
        ),
        (
            Arrow("src/model.py", "This machine", "first", (5,)),
            Arrow("src/model.py", "ECR", "build", (6,)),
            Arrow("ECR", "Processing job", "starts", (8,)),
            Arrow("Processing job", "S3", "uploads"),
            Arrow("S3", "Training job", "channel", (9,)),
            Arrow("Training job", "S3 ", "artifact"),
            Arrow("S3 ", "This machine", "model", (10,)),
            Arrow("S3", "This machine", "dataset", (10,)),
        ),
    ),
    Picture(
        "08-strangers",
        "Two models of the project stand behind an endpoint each. You send the text of a stranger: "
        "boston-1-0-0-live believes everything, and a forged line is in its log in CloudWatch; "
        "boston-1-0-1-test looks first, and refuses it with status 400.",
        (
            Box(0, 0.5, "A stranger", "you", "you, in step 5"),
            Box(1.6, 0, "…-1-0-0-live", "aws", "believes everything"),
            Box(1.6, 1, "…-1-0-1-test", "aws", "status 400"),
            Box(3.2, 0, "CloudWatch", "data", "a forged line"),
            Box(3.2, 1, "Models", "data", "of one training job"),
        ),
        (
            Arrow("A stranger", "…-1-0-0-live", "text", (5,)),
            Arrow("A stranger", "…-1-0-1-test", "the same", (6,)),
            Arrow("…-1-0-0-live", "CloudWatch", "prints"),
            Arrow("Models", "…-1-0-0-live", "serve", (3,)),
            Arrow("Models", "…-1-0-1-test", "serve", (6,)),
        ),
    ),
    Picture(
        "09-pipeline",
        "The notebook sends a definition to SageMaker Pipelines; that starts a processing job "
        "which prepares data, a training job, and a processing job which judges the model; a "
        "condition decides whether the model is registered or the execution fails.",
        (
            Box(0, 0.5, "house_pipeline", "you", "the definition"),
            Box(1.3, 0.5, "Pipelines", "data", "the graph"),
            Box(2.6, 0.5, "Prepare", "aws", "processing job"),
            Box(3.75, 0.5, "Train", "aws", "training job"),
            Box(4.9, 0.5, "Evaluate", "aws", "processing job"),
            Box(6.3, 0, "Register", "data", "a version"),
            Box(6.3, 1, "TooBad", "data", "a reason"),
        ),
        (
            Arrow("house_pipeline", "Pipelines", "upsert", (5,)),
            Arrow("Pipelines", "Prepare", "start", (7,)),
            Arrow("Prepare", "Train"),
            Arrow("Train", "Evaluate"),
            Arrow("Evaluate", "Register", "good"),
            Arrow("Evaluate", "TooBad", "bad", (9,)),
        ),
    ),
    Picture(
        "09-registry",
        "A pipeline registers two versions of a model in a group; a person approves a version; a "
        "model is created from it, and an endpoint serves that; the second version takes the place "
        "of the first one behind the same endpoint, and one update leads back.",
        (
            Box(0, 0.5, "Pipeline", "aws", "runs twice"),
            Box(1.4, 0, "Version 1", "data", "three trees"),
            Box(1.4, 1, "Version 2", "data", "100 trees"),
            Box(3, 0, "Model 1", "data", "image, artifact"),
            Box(3, 1, "Model 2", "data", "image, artifact"),
            Box(4.6, 0.5, "Endpoint", "aws", "one name"),
            Box(6, 0.5, "Clients", "you", "notice nothing"),
        ),
        (
            Arrow("Pipeline", "Version 1", "register", (2,)),
            Arrow("Pipeline", "Version 2", "register", (2,)),
            Arrow("Version 1", "Model 1", "you approve", (5,)),
            Arrow("Version 2", "Model 2", "you approve", (8,)),
            Arrow("Model 1", "Endpoint", "deploy, back", (6, 9)),
            Arrow("Model 2", "Endpoint", "update", (8,)),
            Arrow("Clients", "Endpoint", "ask", (7,)),
        ),
    ),
    Picture(
        "how-it-works",
        "Notebooks call labhelpers and the real AWS SDKs. The environment decides whether the "
        "SDKs talk to AWS or to labcloud on this machine, which runs the same jobs as processes.",
        (
            Box(0, 0.5, "Lab notebooks", "you", "the same everywhere"),
            Box(1.15, 0.5, "boto3, SDK v3", "plain", "unmodified"),
            Box(2.5, 0, "AWS", "aws", "in SageMaker Studio"),
            Box(2.5, 1, "labcloud", "you", "on 127.0.0.1"),
            Box(3.75, 1, "Processes", "you", "train, serve"),
        ),
        (
            Arrow("Lab notebooks", "boto3, SDK v3"),
            Arrow("boto3, SDK v3", "AWS", "HTTPS"),
            Arrow("boto3, SDK v3", "labcloud", "HTTP"),
            Arrow("labcloud", "Processes"),
        ),
    ),
)
