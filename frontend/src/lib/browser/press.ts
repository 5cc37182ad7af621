let isPressed = false
const put = (now: boolean) => () => (isPressed = now)
document.addEventListener('pointerdown', put(true), true)
document.addEventListener('pointerup', put(false), true)
document.addEventListener('pointercancel', put(false), true)

/**
 * Runs `act` once no finger and no button is down. Otherwise, whatever grows on the page when a field loses
 * focus would move the button between press and release, and the click would be lost.
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
