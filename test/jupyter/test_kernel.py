"""The kernel as Jupyter's own client and its test suite for kernels see it.

Run with `python -m pytest test/jupyter` where jupyter_client and jupyter_kernel_test are installed, after
`npm run build`.
"""

import os
import pathlib
import statistics
import subprocess
import tempfile
import time
import unittest

import jupyter_kernel_test
from jupyter_client.manager import KernelManager, start_new_kernel

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPORARY = tempfile.TemporaryDirectory(prefix="fenl-jupyter-")


def setUpModule():
    command = ["node", str(ROOT / "dist/cli/main.js"), "install", "--prefix", TEMPORARY.name]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    os.environ["JUPYTER_PATH"] = str(pathlib.Path(TEMPORARY.name) / "share/jupyter")
    os.environ["JUPYTER_DATA_DIR"] = str(pathlib.Path(TEMPORARY.name) / "data")


def tearDownModule():
    TEMPORARY.cleanup()


class FenlKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "fenl"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "JSON.pars", "matches": {"parse"}},
        {"text": "'😀'; structuredCl", "matches": {"structuredClone"}},
    ]
    complete_code_samples = ["1 + 1", "const a: number = 1", "function f() {\n  return 1\n}", "await f()", "%pwd", "!ls", "%%fenl\n{ n: 1 }\n"]
    incomplete_code_samples = ["function f() {", "const x = [1,", "`abc", "1 +", "/* x", "f("]
    invalid_code_samples = ["const 5 = 1", "1 +* 2", "'abc", "}"]
    code_page_something = "Map?"
    code_generate_error = "throw new Error('x')"
    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "[1, 2].map((x) => x * 2)", "result": "[ 2, 4 ]"},
    ]
    code_display_data = [
        {"code": "display({ a: 1 })", "mime": "text/plain"},
        {"code": "display({ 'text/html': '<b>x</b>' }, { raw: true })", "mime": "text/html"},
    ]
    code_history_pattern = "1 ? 2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "JSON"
    code_clear_output = "display.clear()"


class FenlIopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "fenl"
    support_iopub_welcome = True


class FenlClientTests(unittest.TestCase):
    def test_interrupt_and_restart(self):
        manager, client = start_new_kernel(kernel_name="fenl")
        try:
            client.execute_interactive("let kept = 1", timeout=10)
            client.execute("for (;;) {}")
            time.sleep(0.3)
            manager.interrupt_kernel()
            self.assertEqual(client.get_shell_msg(timeout=5)["content"]["ename"], "Interrupted")
            self.assertEqual(client.execute_interactive("kept", timeout=10)["content"]["status"], "ok")
            manager.restart_kernel(now=False)
            client.wait_for_ready(timeout=10)
            reply = client.execute_interactive("kept", timeout=10, output_hook=lambda message: None)
            self.assertEqual(reply["content"]["ename"], "ReferenceError")
        finally:
            client.stop_channels()
            manager.shutdown_kernel()
        self.assertFalse(manager.is_alive())

    def test_input(self):
        manager, client = start_new_kernel(kernel_name="fenl")
        try:
            outputs = []
            client.execute_interactive(
                "await input('name? ')",
                timeout=10,
                stdin_hook=lambda message: client.input("ada"),
                output_hook=lambda message: outputs.append(message["content"]),
            )
            results = [content["data"]["text/plain"] for content in outputs if "data" in content]
            self.assertEqual(results, ["'ada'"])
        finally:
            client.stop_channels()
            manager.shutdown_kernel()

    @staticmethod
    def round_trip(client):
        """Milliseconds from sending a cell to its reply; returns once the cell's outputs are in."""
        began = time.perf_counter()
        message_id = client.execute("1+1")
        while client.get_shell_msg(timeout=30)["parent_header"].get("msg_id") != message_id:
            pass
        trip = (time.perf_counter() - began) * 1000
        while True:
            message = client.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") == message_id and message["content"].get("execution_state") == "idle":
                return trip

    def test_speed(self):
        """Wide limits, for a machine under load: the figures themselves are printed."""
        starts = []
        for _ in range(3):
            manager = KernelManager(kernel_name="fenl")
            began = time.perf_counter()
            manager.start_kernel()
            client = manager.client()
            try:
                client.start_channels(hb=False)
                client.kernel_info()
                client.get_shell_msg(timeout=30)
                starts.append(time.perf_counter() - began)
                # Until the subscription has reached the kernel, a cell's outputs would be lost.
                client.wait_for_ready(timeout=30)
                trips = [self.round_trip(client) for _ in range(200)]
            finally:
                client.stop_channels()
                manager.shutdown_kernel()
        start, trip = statistics.median(starts), statistics.median(trips)
        print(f"\nstart to kernel_info_reply {start:.2f} s; 1+1 {trip:.2f} ms (median)")
        self.assertLess(start, 1.5)
        self.assertLess(trip, 10)


del jupyter_kernel_test.KernelTests, jupyter_kernel_test.IopubWelcomeTests

if __name__ == "__main__":
    unittest.main()
