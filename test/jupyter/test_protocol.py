"""Jupyter's own tests of the protocol, and what its client measures. The kernelspec must be installed."""

import statistics
import time
import unittest

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel

KERNEL = "fenl"


class Protocol(jupyter_kernel_test.KernelTests):
    kernel_name = KERNEL
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [{"text": "Math.sq", "matches": ["sqrt"]}]
    complete_code_samples = ["1 + 1", "const f = () => {\n  return 1;\n}", "%%fenl\n{ n: 1 }\n", "!ls", "%pwd"]
    incomplete_code_samples = ["const f = () => {", "const a = [1,", "`open", "f("]
    invalid_code_samples = ["const = 1", "1 +* 2"]
    code_page_something = "console?"
    code_generate_error = "throw new Error('meant')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "'a' + 'b'", "result": "'ab'"},
        {"code": "const x: number = 1; x + 1", "result": "2"},
    ]
    code_display_data = [{"code": "display({ 'text/html': '<b>b</b>' }, { raw: true })", "mime": "text/html"}]
    code_history_pattern = "6 * 7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "console.log"
    code_clear_output = "display.clear()"


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = KERNEL
    support_iopub_welcome = True


class Responsiveness(unittest.TestCase):
    """Generous limits: this finds what got ten times slower, on a machine that does other things as well."""

    def test_start(self) -> None:
        start = time.perf_counter()
        manager, client = start_new_kernel(kernel_name=KERNEL)
        seconds = time.perf_counter() - start
        client.stop_channels()
        manager.shutdown_kernel()
        print(f"\nstart to kernel_info_reply, as start_new_kernel sees it: {seconds:.2f} s")
        self.assertLess(seconds, 5)

    def test_round_trip(self) -> None:
        manager, client = start_new_kernel(kernel_name=KERNEL)
        try:
            times = []
            for _ in range(100):
                start = time.perf_counter()
                message_id = client.execute("1+1")
                while client.get_shell_msg(timeout=10)["parent_header"].get("msg_id") != message_id:
                    pass
                times.append((time.perf_counter() - start) * 1000)
            print(f"\n1+1: median {statistics.median(times):.2f} ms, 95th percentile {sorted(times)[94]:.2f} ms")
            self.assertLess(statistics.median(times), 50)
        finally:
            client.stop_channels()
            manager.shutdown_kernel()


del jupyter_kernel_test.KernelTests, jupyter_kernel_test.IopubWelcomeTests

if __name__ == "__main__":
    unittest.main()
