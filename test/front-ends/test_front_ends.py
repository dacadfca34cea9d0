"""Notebooks through other programs than JupyterLab: nbclient, nbconvert, papermill and the console."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pexpect
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
BIN = Path(sys.executable).parent


def fenl_notebook(*cells):
    kernelspec = {"name": "fenl", "display_name": "Fenl (TypeScript)", "language": "typescript"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernelspec})
    notebook.cells = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, tags in cells]
    return notebook


def texts(notebook):
    return [output.get("text", output.get("data", {}).get("text/plain")) for cell in notebook.cells for output in cell.get("outputs", [])]


def run(*command, cwd):
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.parametrize("name", ["quick-start", "windows-and-ticks", "several-entities"])
def test_nbconvert_executes_to_html(name, tmp_path):
    shutil.copy(NOTEBOOKS / f"{name}.ipynb", tmp_path)
    run("jupyter", "nbconvert", "--execute", "--to", "html", f"{name}.ipynb", cwd=tmp_path)
    page = (tmp_path / f"{name}.html").read_text()
    assert 'class="fenl-grid"' in page
    assert 'data-mime-type="application/vnd.jupyter.stderr"' not in page


def test_nbconvert_names_the_cell_that_fails(tmp_path):
    nbformat.write(fenl_notebook(("noSuchName + 1", [])), tmp_path / "bad.ipynb")
    command = [str(BIN / "jupyter"), "nbconvert", "--execute", "--to", "notebook", "bad.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "noSuchName is not defined" in done.stderr


PARAMETERS = ("let limit = 10; let name = 'all'; let exact = false;", ["parameters"])
USE = ("console.log(limit, name, exact)", [])


def test_papermill_executes(tmp_path):
    nbformat.write(fenl_notebook(PARAMETERS, USE), tmp_path / "in.ipynb")
    run("papermill", "in.ipynb", "out.ipynb", cwd=tmp_path)
    assert texts(nbformat.read(tmp_path / "out.ipynb", 4)) == ["10 all false\n"]


def test_papermill_passes_parameters_in_the_words_of_c_sharp(tmp_path):
    nbformat.write(fenl_notebook(PARAMETERS, USE), tmp_path / "in.ipynb")
    command = ["papermill", "in.ipynb", "out.ipynb", "--language", ".net-csharp"]
    run(*command, "-p", "limit", "25", "-p", "name", "it's", "-p", "exact", "True", cwd=tmp_path)
    assert texts(nbformat.read(tmp_path / "out.ipynb", 4)) == ["25 it's true\n"]


def test_papermill_passes_lists_with_the_translator_of_the_docs(tmp_path):
    page = (NOTEBOOKS.parent / "docs" / "running-notebooks.md").read_text()
    translator = page.split("```python\n", 1)[1].split("```", 1)[0]
    nbformat.write(fenl_notebook(("let keys = [];", ["parameters"]), ("console.log(keys)", [])), tmp_path / "in.ipynb")
    parameters = "{'keys': ['a', 1, None, {'b': True}]}"
    program = f"{translator}\npapermill.execute_notebook('in.ipynb', 'out.ipynb', parameters={parameters})\n"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True)
    assert texts(nbformat.read(tmp_path / "out.ipynb", 4)) == ["[ 'a', 1, null, { b: true } ]\n"]


def test_console_takes_several_lines_until_a_cell_is_complete(tmp_path):
    environment = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    command = [str(BIN / "jupyter"), ["console", "--kernel", "fenl"]]
    console = pexpect.spawn(*command, cwd=tmp_path, env=environment, encoding="utf8", timeout=60)

    def prompt(number):
        console.expect(rf"In \[(?:\x1b\[[0-9;]*m)*{number}\D")

    prompt(1)
    console.send("const pair = {\r")
    console.expect(r"\.\.\.")
    console.send("left: 20, right: 22 }\r")
    prompt(2)
    console.send("pair.left + pair.right\r")
    console.expect("42")
    prompt(3)
    console.send("missing\r")
    console.expect("ReferenceError")
    prompt(4)
    console.close(force=True)
