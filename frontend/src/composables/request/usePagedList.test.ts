import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'

import { ApiError } from '@/api/errors'
import type { Page } from '@/api/types'

import { usePagedList } from './usePagedList'

const page = (results: number[], next: string | null): Page<number> => ({ results, next })

describe('usePagedList', () => {
  it('grows page by page until there is no more', async () => {
    const fetchPage = vi.fn(async (cursor: string | null) =>
      cursor ? page([3], null) : page([1, 2], 'c1'),
    )
    const list = usePagedList(fetchPage)
    await flushPromises()
    expect(list.hasMore.value).toBe(true)
    await list.more()
    expect(list.items.value).toEqual([1, 2, 3])
    expect(list.hasMore.value).toBe(false)
    await list.more()
    expect(fetchPage).toHaveBeenCalledTimes(2)
  })

  it('starts over when the question changes, and drops the older answer', async () => {
    const box = ref('mine')
    const answers: Record<string, (found: Page<number>) => void> = {}
    const scope = effectScope()
    const list = scope.run(() =>
      usePagedList(
        () => new Promise<Page<number>>((resolve) => (answers[box.value] = resolve)),
        box,
      ),
    )
    box.value = 'todo'
    await nextTick()
    answers.todo?.(page([9], null))
    answers.mine?.(page([1], null))
    await flushPromises()
    expect(list?.items.value).toEqual([9])
    scope.stop()
  })

  it('keeps what it has when a later page fails', async () => {
    const list = usePagedList(async (cursor) => {
      if (cursor) throw new ApiError({ status: 500, code: 'server', detail: 'no' })
      return page([1], 'c1')
    })
    await flushPromises()
    await list.more()
    expect(list.items.value).toEqual([1])
    expect(list.error.value?.message).toBe('no')
    expect(list.hasMore.value).toBe(true)
  })
})
