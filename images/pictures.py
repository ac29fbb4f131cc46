"""What the course's pictures show: boxes on a grid, and arrows between them. draw.py draws them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A box at a column and row of the grid; `note` is its second, smaller line.

    `kind` is a key of draw.KINDS: who runs it, and whether it costs money.
    """

    column: float
    row: float
    text: str
    kind: str
    note: str = ""


@dataclass(frozen=True)
class Arrow:
    """From one box to another, by their texts, with a label beside it.

    `steps` are the steps of the notebook in which that happens, if they are the learner's own.
    """

    start: str
    end: str
    label: str = ""
    steps: tuple[int, ...] = ()


@dataclass(frozen=True)
class Frame:
    """Around two boxes and all between them; its text stands below the first row.

    Its `kind` is that of a Box: one that is not plain stands around the plain frame of the same
    boxes, and is drawn in its colour.
    """

    first: str
    last: str
    text: str
    kind: str = "plain"


@dataclass(frozen=True)
class Picture:
    """One SVG: its file name without ending, what it shows in a sentence, its parts."""

    name: str
    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    frames: tuple[Frame, ...] = ()


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
    Picture(
        "04-deploy",
        "The notebook trains a model; the artifact in S3 and an image become a model by name; an "
        "endpoint runs it on a machine and answers the houses that the notebook sends, in parts.",
        (
            Box(0, 0.5, "This notebook", "you", "SageMaker SDK"),
            Box(1.5, 0, "Training job", "aws", "XGBoost's container"),
            Box(2.9, 0, "S3", "data", "model.tar.gz"),
            Box(2.9, 1, "Model", "data", "a name for it"),
            Box(1.5, 1, "Endpoint", "aws", "one ml.m5.large"),
        ),
        (
            Arrow("This notebook", "Training job", "train", (4,)),
            Arrow("Training job", "S3", "artifact", (4,)),
            Arrow("S3", "Model", "build", (5,)),
            Arrow("Model", "Endpoint", "deploy", (5,)),
            Arrow("This notebook", "Endpoint", "houses", (6, 10)),
        ),
    ),
    Picture(
        "04-three-requests",
        "Three requests of boto3: create_model makes a model of image, artifact and role; "
        "create_endpoint_config makes a configuration that names the model and a machine; "
        "create_endpoint makes an endpoint that names the configuration. Applications invoke it.",
        (
            Box(0, 0, "Request 1", "you", "create_model"),
            Box(1.4, 0, "Request 2", "you", "create_endpoint_config"),
            Box(2.8, 0, "Request 3", "you", "create_endpoint"),
            Box(0, 1, "Model", "data", "image, artifact, role"),
            Box(1.4, 1, "Configuration", "data", "machine, how many"),
            Box(2.8, 1, "Endpoint", "aws", "costs money"),
            Box(4.2, 1, "Application", "you", "invoke_endpoint"),
        ),
        (
            Arrow("Request 1", "Model", "makes", (3,)),
            Arrow("Request 2", "Configuration", "makes", (4,)),
            Arrow("Request 3", "Endpoint", "makes", (5,)),
            Arrow("Configuration", "Model", "names"),
            Arrow("Endpoint", "Configuration", "names"),
            Arrow("Application", "Endpoint", "asks", (6, 7)),
        ),
    ),
    Picture(
        "04-variants",
        "Clients call one endpoint; its configuration has two variants, Linear with weight 90 and "
        "XGBoost with weight 10, and each of them runs a model on a machine of its own.",
        (
            Box(0, 0.5, "Clients", "you", "know one name"),
            Box(1.4, 0.5, "Endpoint", "aws", "chooses by weight"),
            Box(2.8, 0, "Linear", "aws", "variant, weight 90"),
            Box(2.8, 1, "XGBoost", "aws", "variant, weight 10"),
            Box(4.2, 0, "Model", "data", "linear-learner"),
            Box(4.2, 1, "Model ", "data", "of lab 04a"),
        ),
        (
            Arrow("Clients", "Endpoint", "call", (5, 6)),
            Arrow("Endpoint", "Linear", "90%"),
            Arrow("Endpoint", "XGBoost", "10%"),
            Arrow("Linear", "Model", "runs"),
            Arrow("XGBoost", "Model ", "runs"),
        ),
        (Frame("Linear", "XGBoost", "configuration"),),
    ),
    Picture(
        "04-blue-green",
        "Blue/green in three moments. Before: clients call the blue fleet of the old "
        "configuration. During: clients still call blue while the green fleet of the new one "
        "starts. After: clients call green, and blue is gone.",
        (
            Box(0, 0, "Before", "you", "clients"),
            Box(0, 1, "Blue", "aws", "old configuration"),
            Box(1.5, 0, "During", "you", "clients"),
            Box(1.5, 1, "Blue ", "aws", "old configuration"),
            Box(2.5, 1, "Green", "aws", "starts, is checked"),
            Box(4, 0, "After", "you", "clients"),
            Box(4, 1, "Green ", "aws", "new configuration"),
        ),
        (
            Arrow("Before", "Blue", "all calls"),
            Arrow("During", "Blue ", "all calls"),
            Arrow("After", "Green ", "all calls"),
        ),
    ),
    Picture(
        "05-search",
        "A tuning job proposes hyperparameters and starts training jobs, three at a time; each "
        "returns a value of the metric, from which the tuning job decides what to try next.",
        (
            Box(0, 0, "This notebook", "you", "ranges and budget"),
            Box(1.4, 0, "Tuning job", "aws", "chooses what to try"),
            Box(2.8, 0.5, "Training jobs", "aws", "three at a time"),
            Box(1.4, 1, "Results", "data", "validation:rmse"),
            Box(4.1, 0.5, "S3", "data", "a model from each"),
        ),
        (
            Arrow("This notebook", "Tuning job", "asks", (5,)),
            Arrow("Tuning job", "Training jobs", "settings"),
            Arrow("Training jobs", "Results", "metric"),
            Arrow("Results", "Tuning job", "learns"),
            Arrow("Training jobs", "S3", "artifacts"),
        ),
    ),
    Picture(
        "05-request",
        "The configuration of a search and the definition of its training jobs make a tuning job; "
        "it starts training jobs, and a later tuning job can begin from their results.",
        (
            Box(0, 0, "Configuration", "you", "what is searched"),
            Box(0, 1, "Definition", "you", "what a job looks like"),
            Box(1.4, 0.5, "Tuning job", "aws", "both in one request"),
            Box(2.8, 0.5, "Training jobs", "aws", "numbered names"),
            Box(4.3, 0.5, "Tuning job ", "aws", "a later one"),
        ),
        (
            Arrow("Configuration", "Tuning job", "part one", (2,)),
            Arrow("Definition", "Tuning job", "part two", (3,)),
            Arrow("Tuning job", "Training jobs", "starts", (4,)),
            Arrow("Training jobs", "Tuning job ", "warm start", (7,)),
        ),
    ),
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
