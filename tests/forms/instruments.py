"""Instruments made for tests: one that uses all of the language, one whose texts are hostile."""

import json

HEAD = """
id: todo
version: "1"
title: {es: "Todo", en: "Everything"}
publisher: Nobody
completeness: partial
sources: [{id: none, title: Made up for a test}]
scales:
  - id: semaforo
    levels:
      - {id: rojo, title: {es: Rojo, en: Red}, colour: red, number: 0}
      - {id: amarillo, title: {es: Amarillo, en: Yellow}, colour: yellow, number: 1}
      - {id: verde, title: {es: Verde, en: Green}, colour: green, number: 2}
states:
  - {id: ND, title: {es: No disponible, en: Not available}, effect: not_available}
  - {id: NM, title: {es: No medible, en: Not measurable}, effect: not_measurable}
  - {id: NA, title: {es: No aplica, en: Not applicable}, effect: not_applicable}
stages:
  - {id: propio, title: {es: Autodiagnóstico, en: Self-assessment}}
  - {id: revision, title: {es: Revisión, en: Review}}
facts:
  - {id: pob, title: {es: Población, en: Population}, minimum: 1, population: true}
  - {id: turistico, title: {es: Turístico, en: Touristic}, boolean: true}
  - {id: unidad, title: {es: Tiene unidad, en: Has a unit}, boolean: true}
lookups:
  - {id: por_pob, rows: [{below: 1000, value: 2}, {below: 50000, value: 4}, {below: 90000, value: 8}]}
  - {id: indice, rows: [{key: 2024, value: 110.5}, {key: 2025, value: 121}]}
tiers:
  - {id: total, title: Total, plural: Totales, aggregate: {method: share_of_level, scale: semaforo, level: verde}}
  - {id: area, title: Área, plural: Áreas, aggregate: {method: share_of_level, scale: semaforo, level: verde}}
defaults:
  checklist: {scale: semaforo, bands: [{level: verde, when: "value = n"}, {level: amarillo, when: "value > 0 and value < n"}, {level: rojo, when: "value = 0"}]}
  statement: {scale: semaforo, bands: [{level: verde, when: "= 1"}, {level: rojo, when: "= 0"}]}
nodes:
  - {code: total, tier: total, title: {es: Resultado, en: Result}}
  - {code: A, tier: area, parent: total, title: {es: "Área: uno / dos", en: "Area: one / two"}}
  - {code: B-1, tier: area, parent: total, title: {es: "Área: uno ? dos", en: "Area: one ? two"}, exists_when: {when: turistico, title: Solo turísticos}}
"""
BANDS = 'levels: {scale: semaforo, bands: [{level: verde, when: ">= 10"}, {level: amarillo, when: "< 10 and >= 2.5"}, {level: rojo, when: "< 2.5"}]}'
EVERYTHING = (
    HEAD
    + f"""
indicators:
  - code: A.1
    kind: checklist
    parent: A
    title: {{es: Lista, en: List}}
    not_measurable_elements: {{rule: reduce}}
    gate: {{when: unidad, title: Unidad, otherwise: amarillo}}
    elements: [{{id: a, title: {{es: "=1+1", en: Ay}}}}, {{id: b, title: {{es: Be, en: Be}}, may_be_not_measurable: true}}, {{id: c, title: {{es: Ce, en: Ce}}, may_be_not_measurable: true}}]
  - code: A.2
    kind: measure
    parent: A
    title: {{es: Fórmula, en: Formula}}
    variables:
      - {{id: v1, title: {{es: Uno, en: One}}, minimum: 0, at_most: v2}}
      - {{id: v2, title: {{es: Dos, en: Two}}, minimum: 0, integer: true}}
      - {{id: v3, title: {{es: Tres, en: Three}}, compute: "n1 / lookup(indice, year - 1) * 100"}}
      - {{id: v4, title: {{es: Cuatro, en: Four}}, compute: "lookup(por_pob, pob)", options: [2, 4, 8]}}
    inputs: [{{id: n1, title: {{es: Monto, en: Amount}}, minimum: 0}}]
    formula: "where(v1 > v2 / 2 and not (v3 < 1 or v4 = 8), max(v1, v2) / v2 * 10, min(v1, v3, v4) - abs(v3 - v4)) + v4 ** 2 / 100 + exp(log(v2)) * 0 + (1 < v4 <= 4)"
    undefined: {{level: rojo}}
    missing_reference: {{state: undetermined}}
    {BANDS}
  - code: A.3
    kind: measure
    parent: A
    title: {{es: Lee otras, en: Reads others}}
    variables: [{{id: x, title: {{es: Equis, en: Ex}}, options: [0, 1], compute: 'complete("A.1")'}}, {{id: y, title: {{es: Ye, en: Why}}, compute: 'value("A.1.a") + value("A.2.v2")'}}]
    formula: 'x * 10 + y + where(level("A.4") > 0, level("A.4") - 1, 0)'
    {BANDS}
  - {{code: A.4, kind: score, parent: A, minimum: 0, maximum: 12, title: {{es: Puntaje, en: Score}}, {BANDS}}}
  - {{code: A.5, kind: points, parent: A, maximum: 20, title: {{es: Puntos, en: Points}}, {BANDS}}}
  - {{code: B.1, kind: statement, basis: norm, parent: B-1, title: {{es: Norma, en: Norm}}, not_measurable: [{{title: A mano}}]}}
  - {{code: B.2, kind: grade, scale: semaforo, parent: B-1, title: {{es: Grado, en: Grade}}}}
  - code: B.3
    kind: category
    scale: semaforo
    parent: B-1
    title: {{es: Categoría, en: Category}}
    options: [{{id: si, title: {{es: "Sí, todo", en: "Yes, all"}}, level: verde, score: 10}}, {{id: en_parte, title: {{es: En parte, en: In part}}, level: amarillo, score: 5}}, {{id: nada, title: {{es: Nada, en: Nothing}}, level: rojo, score: 0}}]
  - {{code: B.4, kind: measure, parent: B-1, title: {{es: Número, en: Number}}, minimum: -5, maximum: 50, not_measurable: [{{when: "pob < 100 or unidad", title: Chico}}], {BANDS}}}
"""
)
HOSTILE_TITLES = [
    "=HYPERLINK('http://x','y')",
    "+1",
    "-1+2",
    "@SUM(A1)",
    'a "quoted" & <b>bold</b> ${qpob}',
    "tab\tand\nline",
    "x" * 400,
    "'quoted'!A1",
]
HOSTILE = (
    HEAD.replace('title: {es: "Todo", en: "Everything"}', 'title: "=1+1 ${x} \' \\" <&"')
    + "indicators:\n"
    + "".join(
        f"  - {{code: h{n}, kind: checklist, parent: {'B-1' if n % 2 else 'A'}, title: {json.dumps(title)},"
        f" elements: [{{id: a, title: {json.dumps(title)}}}]}}\n"
        for n, title in enumerate(HOSTILE_TITLES)
    )
)
