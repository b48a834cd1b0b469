// Looks at a chosen file before it is sent, and tells how far it is on its way. Without this it is sent as ever.
document.addEventListener("submit", (sent) => {
  const form = sent.target;
  const input = form.querySelector("input[type=file]");
  const told = form.querySelector("[data-told]");
  const file = input?.files[0];
  if (!told || !file) return;
  sent.preventDefault();
  const bar = form.querySelector("progress");
  const button = form.querySelector("button");
  const stop = (words) => {
    told.textContent = words;
    bar.hidden = true;
    button.disabled = false;
    input.focus();
  };
  const formats = input.accept.split(",");
  if (!formats.some((ending) => file.name.toLowerCase().replace(/\.jpeg$/, ".jpg").endsWith(ending))) return stop(told.dataset.format);
  if (file.size > told.dataset.most * 1000000) return stop(told.dataset.large);
  const request = new XMLHttpRequest();
  request.upload.onprogress = (at) => {
    bar.value = Math.floor((100 * at.loaded) / at.total);
    told.textContent = told.dataset.sending.replace("#", bar.value);
  };
  request.onload = () => {
    if (request.status < 400) return location.assign(request.responseURL);
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    document.querySelector("main").replaceWith(answer.querySelector("main"));
    (document.querySelector("#problems") ?? document.querySelector("main")).focus();
  };
  request.onerror = () => stop(told.dataset.broken);
  bar.hidden = false;
  button.disabled = true;
  request.open("POST", form.action);
  request.send(new FormData(form));
});
