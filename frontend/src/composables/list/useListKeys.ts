import { useEventListener } from '@vueuse/core'
import { ref, type Ref } from 'vue'

interface Hooks {
  count: () => number
  open: (index: number) => void
  act?: (index: number) => void
  choose?: (index: number) => void
  giveBack?: (index: number) => void
  search: Ref<HTMLInputElement | null>
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** A checkbox handles only the space bar; the list handles the other keys. */
const isTick = (target: EventTarget | null) =>
  target instanceof HTMLInputElement && target.type === 'checkbox'

/** `j` `k` move, Enter or `o` opens, `a` acts, `x` selects, `r` returns, `/` searches. */
export function useListKeys(hooks: Hooks) {
  const at = ref(-1)

  function move(step: number) {
    const last = hooks.count() - 1
    at.value = Math.min(last, Math.max(0, at.value + step))
    document.querySelector(`[data-row="${at.value}"]`)?.scrollIntoView({ block: 'nearest' })
  }

  function onKey(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('dialog[open]')) return
    if (isTyping(event.target) && !isTick(event.target)) {
      if (event.key === 'Escape') (event.target as HTMLElement).blur()
      return
    }
    const onControl = (event.target as HTMLElement | null)?.closest?.('a, button')
    if (event.key === 'j') move(1)
    else if (event.key === 'k') move(-1)
    else if ((event.key === 'Enter' && !onControl) || event.key === 'o') {
      if (at.value >= 0) hooks.open(at.value)
    } else if (event.key === 'a') hooks.act?.(at.value)
    else if (event.key === 'r') hooks.giveBack?.(at.value)
    else if (event.key === 'x' && at.value >= 0) hooks.choose?.(at.value)
    else if (event.key === '/') hooks.search.value?.focus()
    else return
    event.preventDefault()
  }

  useEventListener(document, 'keydown', onKey)
  return { at }
}
