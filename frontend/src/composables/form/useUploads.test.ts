import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import { defineComponent, ref } from 'vue'

import { attachments } from '@/api/attachments'
import type { Attachment } from '@/api/types'

import { useUploads } from './useUploads'

afterEach(() => vi.restoreAllMocks())

it('keeps files in the order in which they were chosen, whichever arrives first', async () => {
  const arrive = new Map<string, () => void>()
  vi.spyOn(attachments, 'upload').mockImplementation(
    (file) =>
      new Promise((resolve) => {
        const { name, size } = file
        arrive.set(name, () => resolve({ id: name, name, size } as Attachment))
      }),
  )
  const ids = ref(['kept'])
  const Field = defineComponent({
    setup: () => useUploads(() => ({ key: 'f', type: 'attachment', label: '' }), ids),
    render: () => null,
  })
  const { add } = mount(Field, { global: { plugins: [createPinia()] } }).vm
  add(['1.pdf', '2.pdf', '3.pdf'].map((name) => new File(['x'], name)))
  for (const name of ['3.pdf', '1.pdf', '2.pdf']) {
    arrive.get(name)?.()
    await flushPromises()
  }
  expect(ids.value).toEqual(['kept', '1.pdf', '2.pdf', '3.pdf'])
})
