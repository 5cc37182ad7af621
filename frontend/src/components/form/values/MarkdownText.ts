import { defineComponent, h, type VNode } from 'vue'

import { parseMarkdown, type Block, type Inline } from '@/lib/format/markdown'

import './markdown.css'

function inline(parts: Inline[]): (VNode | string)[] {
  return parts.map((part) => {
    if (part.kind === 'text') return part.text
    if (part.kind === 'code') return h('code', part.text)
    if (part.kind !== 'link') return h(part.kind, inline(part.inside))
    const where = { href: part.href, rel: 'noopener noreferrer nofollow', target: '_blank' }
    return h('a', where, inline(part.inside))
  })
}

const broken = (lines: Inline[][]) =>
  lines.flatMap((line, index) => (index ? [h('br'), ...inline(line)] : inline(line)))

function block(one: Block): VNode {
  switch (one.kind) {
    case 'heading':
      // The page has its own top headings; headings in a ticket's text start one level below.
      return h(`h${Math.min(6, one.level + 2)}`, inline(one.inside))
    case 'list':
      return h(
        one.ordered ? 'ol' : 'ul',
        one.items.map((item) => h('li', inline(item))),
      )
    case 'code':
      return h('pre', h('code', one.text))
    case 'quote':
      return h('blockquote', broken(one.lines))
    case 'paragraph':
      return h('p', broken(one.lines))
  }
}

/** Markdown as elements: typed text is never read as HTML. */
export default defineComponent({
  props: { source: { type: String, required: true } },
  setup: (props) => () => h('div', { class: 'markdown' }, parseMarkdown(props.source).map(block)),
})
