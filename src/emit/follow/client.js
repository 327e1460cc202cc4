// Takes people to the server where they are, to follow, reply or share there. What they type stays
// in this browser: nobody is asked anything, and their server sees them when they arrive, as with
// any link.
"use strict";

const KEPT = "follow-server";
const PART = "[\\p{L}\\p{M}\\p{N}-]+";
const NAME = new RegExp(`^(${PART}\\.)+\\p{L}${PART}(:\\d+)?$`, "u");

// The server in what somebody typed: its name, its address, or their own name there. Null when
// there is none.
function serverIn(typed) {
  const place = typed.trim().replace(/^[a-z]+:\/\//i, "").replace(/[/?#].*$/, "");
  const name = place.slice(place.lastIndexOf("@") + 1).replace(/\.$/, "");
  try {
    return NAME.test(name) ? new URL(`https://${name}`).host : null;
  } catch {
    return null;
  }
}

// Some browsers keep nothing, and say so by an error.
function kept() {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

function keep(server) {
  try {
    localStorage.setItem(KEPT, server);
  } catch {
    // It has to be typed again.
  }
}

for (const form of document.querySelectorAll("[data-servers]")) {
  const { ours, isOurs, isNone } = form.dataset;
  const field = form.querySelector("input");
  const problem = form.querySelector("[role=alert]");
  field.value = kept();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const server = serverIn(field.value);
    const wrong = server === null ? isNone : ours.split(" ").includes(server) ? isOurs : "";
    problem.textContent = wrong;
    field.setAttribute("aria-invalid", String(wrong !== ""));
    if (wrong) {
      field.focus();
      return;
    }
    keep(server);
    const { name, value, dataset } = event.submitter;
    location.assign(`https://${server}/${dataset.path}?${name}=${encodeURIComponent(value)}`);
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const copied = document.getElementById(button.dataset.copy);
    const status = button.closest("section").querySelector("[role=status]");
    let said = status.dataset.copied;
    try {
      await navigator.clipboard.writeText(copied.textContent);
    } catch {
      getSelection().selectAllChildren(copied);
      said = status.dataset.failed;
    }
    status.textContent = said.replace("{text}", () => copied.textContent);
  });
}

for (const element of document.querySelectorAll("[data-scripted]")) element.hidden = false;
