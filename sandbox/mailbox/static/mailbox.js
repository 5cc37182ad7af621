/* Local times, and a fresh list as soon as a mail arrives. */

const EVERY_MS = 1500;
const language = document.documentElement.lang;

for (const time of document.querySelectorAll("time")) {
  const at = new Date(time.dateTime);
  const today = at.toDateString() === new Date().toDateString();
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false };
  time.title = at.toLocaleString(language);
  time.textContent = at.toLocaleString(language, today ? clock : { month: "numeric", day: "numeric", ...clock });
}

const { last: shown } = document.body.dataset;

async function look() {
  const { last } = await (await fetch("/mailbox/latest")).json();
  if (String(last) !== shown) location.reload();
}

if (shown !== undefined) setInterval(() => look().catch(() => {}), EVERY_MS);
