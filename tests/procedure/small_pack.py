"""A pack as small as a pack can be, for tests that break it."""

PROCEDURE = """\
format: 1
code: small-2024
title: {zh: 小程序, en: A small procedure}
bureau: {code: small, name: {zh: 小局, en: Small bureau}, city: {zh: 小城, en: Smallville}}
documents:
  call: {title: {zh: 通知, en: Notice}, issued_by: {zh: 局, en: Bureau}, issued: 2024-07-05, source: a drawer}
intake: batch
dates:
  closes: {title: {zh: 截止, en: Closing}, kind: instant, value: 2024-08-04T18:00, basis: setting}
settings:
  days: {title: {zh: 时限, en: Days}, value: 5, basis: setting}
  label: {title: {zh: 标签, en: Label}, value: blue, basis: setting}
form:
  - path: consortium.direction
    title: {zh: 方向, en: Direction}
    type: text
    required: true
    clause: {document: call, clause: "4", modality: must}
  - {path: lead.spending, title: {zh: 投入, en: Spending}, type: money, basis: setting}
  - {path: lead.national, title: {zh: 国家级, en: National}, type: boolean, basis: setting}
  - {path: member.in_chain, title: {zh: 链上, en: In the chain}, type: boolean, basis: setting}
materials:
  - {id: plan, title: {zh: 方案, en: Plan}, by: applicant, needed_for: submit, basis: setting}
rules:
  - id: spending
    title: {zh: 投入, en: Spending}
    met: lead.spending >= 100 || lead.national
    stops: [submit]
    basis: setting
  - {id: chain, title: {zh: 链, en: Chain}, each: member, met: member.in_chain, basis: setting}
naming: {pattern: "小城{direction}联合体", basis: setting}
case_number: {pattern: "C{n}", basis: setting}
register_number: {pattern: "R-{year}-{n:03d}", basis: setting}
validity: {years: 3, basis: setting}
call:
  start: open
  start_roles: [administrator]
  deadlines:
    - id: closing
      title: {zh: 截止, en: Closing}
      holder: applicant
      due: {date: closes}
      lapse: {to: over, basis: setting}
      basis: setting
  stages:
    - id: open
      kind: online_submission
      title: {zh: 开放, en: Open}
      holder: applicant
      deadlines: [closing]
      basis: setting
  outcomes:
    - {id: over, title: {zh: 结束, en: Over}, basis: setting}
application:
  start: draft
  start_roles: [applicant]
  start_while: open
  deadlines:
    - {id: filing, title: {zh: 申报, en: Filing}, holder: applicant, due: {date: closes}, basis: setting}
    - {id: visit, title: {zh: 考察, en: Visit}, holder: bureau, due: {working_days: days}, basis: setting}
  stages:
    - id: draft
      kind: online_submission
      title: {zh: 填报, en: Draft}
      holder: applicant
      deadlines: [filing]
      basis: setting
      acts:
        submit: {roles: [applicant], to: visit, notify: [{text: submitted, to: [applicant]}]}
    - id: visit
      kind: site_visit
      title: {zh: 考察, en: Visit}
      holder: bureau
      deadlines: [visit]
      basis: setting
      acts:
        record_visit:
          roles: [city_officer]
          branches:
            - when: visit.result == 'passed'
              to: filed
            - {else: true, to: failed}
  outcomes:
    - {id: filed, title: {zh: 已备案, en: Filed}, basis: setting}
    - {id: failed, title: {zh: 未通过, en: Failed}, basis: setting}
"""

NOTICES = """\
submitted:
  zh: {subject: 已提交, body: 已提交。}
  en:
    subject: Submitted
    body: Your application was submitted.
"""

FILES = {"procedure.yaml": PROCEDURE, "notices.yaml": NOTICES}
