import { onScopeDispose, ref, watch, type Ref } from 'vue'

const ROOM = 280

/**
 * Where a list floats under its field (above it, where there is no room below), in viewport pixels:
 * fixed, so that neither a dialog nor a scrolling panel cuts it off.
 */
export function useFloating(anchor: Ref<HTMLElement | null>, open: Ref<boolean>) {
  const place = ref<Record<string, string>>({})

  function measure() {
    const box = anchor.value?.getBoundingClientRect()
    if (!box) return
    const below = window.innerHeight - box.bottom - 12
    const under = below >= Math.min(ROOM, 180) || below > box.top
    place.value = {
      left: `${box.left}px`,
      width: `${Math.max(box.width, 240)}px`,
      maxHeight: `${Math.min(ROOM, under ? below : box.top - 12)}px`,
      ...(under
        ? { top: `${box.bottom + 4}px` }
        : { bottom: `${window.innerHeight - box.top + 4}px` }),
    }
  }

  function listen(on: boolean) {
    const act = on ? 'addEventListener' : 'removeEventListener'
    window[act]('scroll', measure, true)
    window[act]('resize', measure)
  }

  const watched = new ResizeObserver(measure)
  watch(open, (isOpen) => {
    listen(isOpen)
    watched.disconnect()
    if (!isOpen || !anchor.value) return
    measure()
    watched.observe(anchor.value)
    watched.observe(document.body) // what grows above it moves it
  })
  onScopeDispose(() => {
    listen(false)
    watched.disconnect()
  })
  return { place }
}
