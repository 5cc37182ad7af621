let isPressed = false
const put = (now: boolean) => () => (isPressed = now)
document.addEventListener('pointerdown', put(true), true)
document.addEventListener('pointerup', put(false), true)
document.addEventListener('pointercancel', put(false), true)

/**
 * Runs `act` once no finger and no button is down. Whatever grows on the page because a field was left
 * would else push the button away between press and release, and the click would go nowhere.
 */
export function afterPress(act: () => void): void {
  if (!isPressed) return act()
  const release = () => {
    document.removeEventListener('pointerup', release, true)
    document.removeEventListener('pointercancel', release, true)
    window.setTimeout(act)
  }
  document.addEventListener('pointerup', release, true)
  document.addEventListener('pointercancel', release, true)
}
