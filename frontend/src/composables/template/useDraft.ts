import { useDebounceFn, useEventListener } from '@vueuse/core'
import { onScopeDispose, ref, shallowRef, watch } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { studio, type CheckResult, type Draft } from '@/api/studio'

export type DraftStatus = 'saved' | 'typing' | 'saving' | 'failed' | 'overtaken'
const PAUSE = 800

/**
 * The draft of a template, saved while it is typed, and checked after each save.
 *
 * `overtaken`: somebody else saved meanwhile. Nothing is saved then until the person chooses: `keepMine`
 * replaces theirs, `takeTheirs` replaces what is typed here.
 */
export function useDraft(key: string) {
  const draft = shallowRef<Draft | null>(null)
  const source = ref('')
  const status = ref<DraftStatus>('saved')
  const error = shallowRef<ApiError | null>(null)
  const theirs = shallowRef<Draft | null>(null)
  const found = shallowRef<CheckResult | null>(null)
  let checking: AbortController | null = null

  async function load(): Promise<void> {
    error.value = null
    try {
      show(await studio.draft(key))
    } catch (thrown) {
      error.value = toApiError(thrown)
    }
  }
  function show(opened: Draft) {
    draft.value = opened
    source.value = opened.source
    theirs.value = null
    status.value = 'saved'
    void check()
  }

  async function check(): Promise<void> {
    checking?.abort()
    const mine = (checking = new AbortController())
    const answer = await studio.check(source.value, mine.signal).catch(() => null)
    if (answer && !mine.signal.aborted) found.value = answer
  }

  async function save(): Promise<boolean> {
    if (!draft.value || status.value === 'overtaken') return false
    if (source.value === draft.value.source) {
      status.value = 'saved'
      return true
    }
    const text = source.value
    status.value = 'saving'
    try {
      draft.value = await studio.keep(key, text, draft.value.revision)
      error.value = null
      status.value = source.value === text ? 'saved' : 'typing'
      void check()
    } catch (thrown) {
      await refused(toApiError(thrown))
    }
    if (status.value === 'typing') return save()
    return status.value === 'saved'
  }
  async function refused(problem: ApiError): Promise<void> {
    error.value = problem
    status.value = problem.code === 'changed_meanwhile' ? 'overtaken' : 'failed'
    if (status.value === 'overtaken') theirs.value = await studio.draft(key).catch(() => null)
  }

  const later = useDebounceFn(() => (status.value === 'saving' ? undefined : save()), PAUSE)
  watch(source, (text) => {
    if (!draft.value || text === draft.value.source || status.value === 'overtaken') return
    if (status.value !== 'saving') status.value = 'typing'
    void later()
  })
  useEventListener(window, 'beforeunload', (event) => {
    if (status.value !== 'saved') event.preventDefault()
  })
  onScopeDispose(() => {
    checking?.abort()
    if (status.value === 'typing') void save() // another page is opened before the pause is over
  })

  async function keepMine(): Promise<void> {
    if (!theirs.value) return
    draft.value = theirs.value
    theirs.value = null
    status.value = 'typing'
    await save()
  }
  function takeTheirs() {
    if (theirs.value) show(theirs.value)
    error.value = null
  }

  void load()
  return { draft, source, status, error, theirs, found, load, save, keepMine, takeTheirs }
}
