import { computed, nextTick, ref, watch, type Ref } from 'vue'

import type { LogSection } from '@/lib/job/log'

const MOST = 5000

/** Searches the loaded part of a log. `reach` opens the section of the current hit. */
export function useLogSearch(
  sections: Readonly<Ref<LogSection[]>>,
  reach: (section: number) => void,
) {
  const q = ref('')
  const at = ref(0)
  const hits = computed(() => {
    const wanted = q.value.trim().toLowerCase()
    if (!wanted) return []
    const found: { key: number; line: number }[] = []
    for (const { key, lines } of sections.value) {
      for (const [line, { text }] of lines.entries()) {
        if (found.length >= MOST) return found
        if (text.toLowerCase().includes(wanted)) found.push({ key, line })
      }
    }
    return found
  })
  const current = computed(() => hits.value[at.value])

  async function show(): Promise<void> {
    const hit = current.value
    if (!hit) return
    reach(hit.key)
    await nextTick()
    document.querySelector('[data-log-hit]')?.scrollIntoView({ block: 'nearest' })
  }
  /** Goes to the next or previous hit, and wraps around. */
  function step(by: number): void {
    const count = hits.value.length
    if (!count) return
    at.value = (at.value + by + count) % count
    void show()
  }
  watch(q, () => {
    at.value = 0
    void show()
  })
  return { q, at, hits, current, step }
}
