import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import { aMyTask, aRow } from '@/testing/ticket'
import { openView, refused, type Reply } from '@/testing/view'

import WorkbenchView from './WorkbenchView.vue'

interface Lists {
  todo?: object
  mine?: object
}
const page = (...results: object[]) => ({ results, next: null })
function open({ todo = page(), mine = page() }: Lists, answers: Record<string, Reply> = {}) {
  const lists = {
    'GET tickets': (call: { query: Record<string, string> }) =>
      call.query.box === 'todo' ? todo : mine,
  }
  return openView(WorkbenchView, {
    at: '/',
    answers: { ...lists, 'GET templates': page(), ...answers },
  })
}

describe('the workbench', () => {
  it('puts what waits for me first: what to decide, and what came back', async () => {
    const { byHook } = await open({
      todo: page(
        aRow({ number: 'CHG-1', my_tasks: [aMyTask()] }),
        aRow({ number: 'CHG-2', state: 'returned', applicant: 'bob' }),
      ),
    })
    expect(byHook('turn-CHG-1').text()).toContain('服务重启')
    expect(byHook('mend-CHG-2').text()).toContain('退回给你修改')
  })

  it('decides a card on the spot, and looks again', async () => {
    const row = aRow({ number: 'CHG-1', my_tasks: [aMyTask({ id: 7 })] })
    const { byHook, asked } = await open({ todo: page(row) }, { 'POST tasks/7/approve': {} })
    await byHook('quick-approve-CHG-1').trigger('click')
    await flushPromises()
    expect(asked('POST tasks/7/approve')[0]?.body).toMatchObject({ digest: 'd1' })
    expect(asked('GET tickets').filter(({ query }) => query.box === 'todo')).toHaveLength(2)
    expect(asked('GET me')).not.toEqual([])
  })

  it('teaches where nothing waits, and one part that fails leaves the others', async () => {
    const { wrapper } = await open({ mine: refused(500, { code: 'server', detail: '出错了' }) })
    expect(wrapper.text()).toContain('没有轮到你的工单')
    expect(wrapper.findAll('[role="alert"]').map((part) => part.text())).toEqual([
      expect.stringContaining('出错了'),
    ])
  })
})
