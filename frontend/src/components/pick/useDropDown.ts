import { autoUpdate, flip, offset, size, useFloating } from '@floating-ui/vue'
import { computed, ref, type Ref } from 'vue'

const ROOM = 280
const NARROWEST = 240
const EDGE = 8

/**
 * Positions a list below its field (or above it if there is more room): fixed, so that neither a dialog nor a
 * scrolling panel cuts it off. `list` exists only while it is open.
 */
export function useDropDown(field: Ref<HTMLElement | null>, list: Ref<HTMLElement | null>) {
  const box = ref({})
  const { floatingStyles } = useFloating(field, list, {
    strategy: 'fixed',
    placement: 'bottom-start',
    middleware: [
      offset(4),
      flip({ padding: EDGE }),
      size({
        padding: EDGE,
        apply({ rects, availableHeight }) {
          box.value = {
            width: `${Math.max(rects.reference.width, NARROWEST)}px`,
            maxHeight: `${Math.min(ROOM, availableHeight)}px`,
          }
        },
      }),
    ],
    whileElementsMounted: autoUpdate,
  })
  return computed(() => ({ ...floatingStyles.value, ...box.value }))
}
