"use strict";
// Copy buttons, one submission, and no secret left behind. Every page works without this file.
document.addEventListener("DOMContentLoaded", () => {
  const status = document.querySelector("[data-cc-status]");
  let taken = false;

  document.querySelector("[data-cc-focus]")?.focus();
  // What is wrong comes first: a screen reader says its error, wherever on the page it is. The
  // admin's own script, which focuses the first field, has run by then.
  addEventListener("load", () => {
    document.querySelector("#content form :is(input, select, textarea)[aria-invalid=true]")?.focus();
  });

  for (const button of document.querySelectorAll("[data-cc-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.ccCopy);
      const isField = "value" in source;
      let said = status?.dataset.ccCopied;
      try {
        await navigator.clipboard.writeText(isField ? source.value : source.textContent);
        taken ||= "ccSecret" in source.dataset;
        button.classList.add("cc-copied");
        setTimeout(() => button.classList.remove("cc-copied"), 2000);
      } catch {
        // No clipboard outside https: select it for the keyboard.
        if (isField) source.select();
        else getSelection().selectAllChildren(source);
        said = status?.dataset.ccPress;
      }
      if (status) status.textContent = said;
    });
  }

  for (const link of document.querySelectorAll("[data-cc-download]")) {
    link.addEventListener("click", () => { taken = true; });
  }

  const page = document.querySelector("[data-cc-show-once]");
  if (page) {
    addEventListener("copy", () => { taken = true; });
    addEventListener("beforeunload", (event) => { if (!taken) event.preventDefault(); });
    addEventListener("pagehide", () => {
      for (const element of page.querySelectorAll("[data-cc-secret]")) {
        if ("value" in element) {
          element.value = "";
          element.removeAttribute("value");
        } else {
          element.textContent = "";
        }
      }
      for (const link of page.querySelectorAll("[data-cc-download]")) link.removeAttribute("href");
    });
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // The lists: a client secret is not sent as a search.
  const warning = document.querySelector("[data-cc-secret-typed]");
  document.getElementById("changelist-search")?.addEventListener("submit", (event) => {
    const field = event.target.elements.q;
    if (warning) warning.hidden = !/dccs_[0-9A-Za-z]{20}/.test(field?.value);
    if (!warning || warning.hidden) return;
    event.preventDefault();
    field.value = "";
    field.focus();
  });
  // Show only the scopes that contain what is typed; those that are ticked stay.
  for (const filter of document.querySelectorAll("[data-cc-filter]")) {
    filter.hidden = false;
    filter.addEventListener("input", (event) => {
      const wanted = event.target.value.trim().toLowerCase();
      for (const row of filter.parentElement.querySelectorAll(`.${filter.dataset.ccFilter}`)) {
        const keep = row.textContent.toLowerCase().includes(wanted);
        row.hidden = !keep && !row.querySelector(":checked");
        if (keep && wanted) row.closest("details").open = true;
      }
    });
    // Enter would save the form.
    filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  }

  // A double click registers once on the server as well; this only spares the second request.
  for (const form of document.querySelectorAll("form#machineclient_form, form:has([data-cc-submit-once])")) {
    const setDisabled = (disabled) => {
      for (const button of form.querySelectorAll("[type=submit]")) button.disabled = disabled;
    };
    form.addEventListener("submit", () => { setTimeout(setDisabled, 0, true); });
    // A page the browser kept whole comes back as it was left.
    addEventListener("pageshow", (event) => { if (event.persisted) setDisabled(false); });
  }
});
