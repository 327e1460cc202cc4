"""A post office that runs, with a fault in one of its threads."""

import http.client
import subprocess
import threading
import time
from pathlib import Path

import calls
from peer import INBOX

# What is waited for at most before something is wrong, in seconds.
PATIENCE = 20


class Running:
    """The post office while it runs, with a fault for one of its threads from now on."""

    def __init__(self, office, thread, fault):
        self.office, self.log, self.said = office, office.folder / "log", []
        self.log.unlink(missing_ok=True)
        self.process = subprocess.Popen(office.command("inbox"), stderr=subprocess.PIPE, text=True,
                                        env=calls.ENVIRONMENT)
        self.strace = None
        threading.Thread(target=self.collect, daemon=True).start()
        self.wait(lambda: any(" listens at " in line for line in self.said))
        # It has looked at the site, and has nothing to do.
        self.wait(lambda: office.rows("SELECT 1 FROM site WHERE looked > 0"))
        threads = {Path(folder, "comm").read_text().strip(): folder.name
                   for folder in Path(f"/proc/{self.process.pid}/task").iterdir()}
        number = threads["store"] if thread == "store" else str(self.process.pid)
        self.strace = subprocess.Popen(
            ["strace", "-y", "-s", "400", "-o", str(self.log), *calls.injections((), fault),
             "-p", number], stderr=subprocess.PIPE, text=True)
        line = self.strace.stderr.readline()
        if "attached" not in line:
            raise RuntimeError(line)

    def collect(self):
        for line in self.process.stderr:
            self.said.append(line)

    def wait(self, is_so):
        until = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > until:
                raise RuntimeError(f"it does not come to an end: {self.said}")
            time.sleep(0.01)

    def runs(self):
        return self.process.poll() is None

    def is_hit(self):
        return "INJECTED" in self.log.read_text(errors="replace")

    def follow(self, host):
        """The status of the answer; None when there is none."""
        headers, body = self.office.worker.letter(host)
        connection = http.client.HTTPConnection("127.0.0.1", self.office.port, timeout=PATIENCE)
        try:
            connection.request("POST", INBOX, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def end(self):
        """Tells it to end, and gives what came of it."""
        if self.runs():
            self.process.terminate()
        code = self.process.wait(PATIENCE)
        self.strace.wait(PATIENCE)
        return calls.Ran(code, "".join(self.said), self.log.read_text(errors="replace"))

    def kill(self):
        for process in filter(None, (self.process, self.strace)):
            if process.poll() is None:
                process.kill()
                process.wait()
