// Talking to the playground's own door.

const key = document.querySelector("meta[name=key]").content;
const headers = { "X-Playground-Key": key };

async function answer(response) {
  if (response.status === 403) location.reload(); // the playground was started anew, and with it the key
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

export async function loadState() {
  return answer(await fetch("/page/state", { headers }));
}

// What a person does; `error` in the answer is a sentence to show.
export async function act(name, given) {
  try {
    const body = JSON.stringify(given);
    return await answer(await fetch(`/page/do/${name}`, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body }));
  } catch {
    return { ok: false, error: "The playground does not answer. Is it still running?" };
  }
}

// Every change from now on. `opened` is called whenever the line stands (again): what happened before is to be loaded then.
export function listen(news, opened, lost) {
  const stream = new EventSource(`/page/stream?key=${encodeURIComponent(key)}`);
  stream.onmessage = (event) => news(JSON.parse(event.data));
  stream.onopen = opened;
  stream.onerror = () => {
    lost();
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(news, opened, lost), 2000);
  };
}
