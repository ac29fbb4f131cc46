import sys

from labcloud.frameworks.requirements import main

sys.exit(main(sys.argv[1:]))
