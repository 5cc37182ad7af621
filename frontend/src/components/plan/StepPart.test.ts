import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import PlanPanel from '@/components/plan/PlanPanel.vue'
import { aPlan } from '@/testing/ticket'

describe('StepPart', () => {
  it('shows every health check of a plan, as text (A27)', () => {
    const check = { name: '检查服务', command: ['检查 <b>nginx</b>'] }
    const wrapper = mount(PlanPanel, { props: { plan: { ...aPlan, checks: [check, check] } } })
    const shown = wrapper.findAll('[data-testid="plan-check"]')
    expect(shown).toHaveLength(2)
    expect(shown[0]?.text()).toContain('健康检查')
    expect(shown[0]?.get('pre').text()).toBe('检查 <b>nginx</b>')
    expect(shown[0]?.find('b').exists()).toBe(false)
    expect(wrapper.find('[data-testid="plan-back"]').exists()).toBe(false)
  })
})
