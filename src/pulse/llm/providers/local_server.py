"""A model in a process of its own: `python -m pulse.llm.providers.local_server MODEL CONTEXT AT_ONCE THREADS`.

llama.cpp's server (https://github.com/ggml-org/llama.cpp/tree/master/tools/server), through xllamacpp, which no other
file knows. It listens on a free port of this machine for who knows the key of PULSE_LOCAL_KEY, says where in one line
on standard output, and ends when standard input does: with the process that started it, however that ends.
"""

import os
import sys
from pathlib import Path


def main(model: str, context: int, at_once: int, threads: int) -> None:
    """Serve until standard input ends. Whatever the model does, it does to this process alone."""
    from xllamacpp import CommonParams, Server

    parameters = CommonParams()
    parameters.model.path = model
    parameters.n_ctx = context * at_once
    parameters.n_parallel = at_once
    if threads:
        parameters.cpuparams.n_threads = threads
        parameters.cpuparams_batch.n_threads = threads
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [os.environ["PULSE_LOCAL_KEY"]]
    parameters.cache_ram_mib = 512
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.model_alias = {Path(model).name}
    try:
        server = Server(parameters)
    except RuntimeError as error:
        print(error, flush=True)
        sys.exit(1)
    print(f"listening {server.listening_address}", flush=True)
    sys.stdin.buffer.read()
    # Not through the interpreter's end: what llama.cpp is in the middle of may take minutes.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
