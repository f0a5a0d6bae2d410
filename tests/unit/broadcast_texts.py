"""What staff write to many: everyday messages that may go, and those that tell what nobody else may read."""

from __future__ import annotations

INNOCENT = tuple(
    """Hola, {nombre}. El viernes a las 10:30 hay taller de cocina.
El lunes empieza el curso de repostería; trae mandil y ganas de aprender.
Cambiamos el taller de costura al jueves 3 de diciembre, de 9:00 a 11:00.
Nos vemos en Av. Juárez 1024, colonia Centro, entre 5 de Mayo y Madero.
Es en la calle Libertad número 45, frente al mercado.
Tu cita con medicina interna es el martes 14 a las 8:15.
Lleva tu comprobante al centro de salud de Texcoco.
La drogueria de la esquina abre a las 9.
Receta: 2 tazas de harina, 1 lata de leche condensada, 3 huevos y 100 g de mantequilla.
Golpea la masa contra la mesa y déjala reposar 20 minutos.
Agua, limón y sal: así se evita el golpe de calor.
El tinte cubre las canas en media hora.
Paseo a la presa Madín: salimos a las 7 de la mañana.
Vamos al parque Molino de Flores el domingo.
Salimos del metro Ecatepec a las 8:00; el camión cuesta poco.
Es en Chalco, junto a la iglesia.
Plaza de Tlalnepantla, local 12, planta alta.
Te esperamos con tus hijas e hijos; habrá piñata.
Feliz cumpleaños, {nombre}. Que tengas un día bonito.
Recuerda que el 12/05/2026, de 9:00 a 11:00, hay plática.
El 12-05-2026 10:30 empieza la función de cine.
Horario: 9.00 a 10.30, 11.00 a 12.30 y 16.00 a 17.30.
Trae hilo, aguja del 7, tela de 1.20 m y tijeras.
Las inscripciones al taller de belleza cierran el 30 de noviembre.
Tenemos dos lugares en el curso de computación, turno matutino.
Aprende Excel: celdas, fórmulas y gráficas.
Compañera, mañana no hay clase por la lluvia.
Hay amenaza de lluvia: trae paraguas.
Este sábado hay bazar; puedes traer lo que has tejido.
Te guardamos tu diploma; pasa por él de lunes a viernes.
La maestra Esperanza dará el taller de bisutería: pulseras y brazaletes.
Trae tu acta de nacimiento y tu CURP para el trámite.
Necesitas tu constancia de situación fiscal para el curso.
El programa del día: bienvenida, taller y comida.
Abrimos un grupo de lectura los miércoles a las 5 de la tarde.
Hoy vemos cómo hacer un presupuesto con números sencillos.
Tu pedido llegó; recógelo antes del 15.
Si no puedes venir, escríbenos por aquí y lo cambiamos.
¿Quieres que te recordemos el taller? Responde sí o no.
Van fotos de la clase de ayer. Quedó muy rico el pan.
El autobús de la ruta 27 te deja a dos cuadras.
Toma la combi en el paradero, baja en la tercera parada.
Es el edificio azul, piso 3, interior 304.
Código postal 55000, manzana 12, lote 8.
El pay de limón lleva 12 galletas y 2 limones.
Pesa 500 g de harina y agrega 250 ml de leche.
Vacunas para niñas y niños el sábado, de 8 a 14 horas.
Cambia el agua de los floreros cada tercer día.
La clase de zumba es gratis; trae ropa cómoda.
Mañana es el último día para anotarte al coro.
Feria del empleo el 4 de diciembre: lleva tu solicitud.
Gracias por venir ayer, {nombre}. Nos dio mucho gusto verte.
Vas muy bien. Sigue así.
Tu maestra de inglés cambió: ahora es la profesora Abril.
A las 7 p. m. pasamos la película y damos palomitas.
Lee la hoja 4 a y b, y haz los ejercicios 1, 2, 3, 4, 5, 6, 7, 8, 9 y 10.
El teléfono interno de la oficina es el 204.
El robo hormiga de gas: revisa tus llaves.
Preparamos tamales verdes, rojos y de dulce.
Si llueve, nos vemos en el salón 2 A.
El expediente escolar de tu hijo se entrega en la dirección.
Mujeres que emprenden: plática el 8 de marzo.
Expresa lo que sientes con colores: taller de pintura.
El refugio de perritos busca quien adopte.
Jugamos lotería, dominó y memoria; hay premios.""".splitlines()
)

TELLING = tuple(
    """Nos conocimos en Santa Martha.
Te vimos en Santiaguito el año pasado.
Para quienes salieron de Barrientos.
Las que estuvieron en Neza Bordo.
Tu grupo de Bordo de Xochiaca.
Vamos a Tepozanes el lunes.
Las de Chiconautla nos vemos a las 9.
Taller para mujeres del CPRS Chalco.
El centro femenil de Ecatepec.
Desde que saliste del CERESO.
Te trasladaron del Cefereso.
Cuando estabas en el penal.
Los penales del estado.
El sistema penitenciario.
Personal penitenciario te visitará.
Ya estás excarcelada.
Tu excarcelación fue en mayo.
Te encarcelaron en 2019.
La vida carcelaria.
Salir de la cárcel.
Cuando salgas de prisión.
Fuiste prisionera.
Las internas de tu dormitorio.
Tu compañera interna.
Las exinternas se reúnen hoy.
Las ex internas se reúnen hoy.
Mujeres presas y sus hijos.
Cuando estuviste presa.
Los presos tienen derechos.
Tu preliberación está en trámite.
Eres preliberada.
Fuiste liberada en mayo.
Los meses desde tu liberación.
Tu libertad condicional.
Te dieron libertad anticipada.
Desde que estás en libertad.
Los custodios te trataron mal.
La custodia de tus hijos.
El reclusorio queda lejos.
Tu reclusión terminó.
Estuviste recluida.
Tu reinserción social.
Centro de readaptación social.
Tu sentencia de 5 años.
Te sentenciaron en marzo.
Cumpliste tu condena.
Fuiste condenada.
El delito que te achacan.
La delincuencia organizada.
Tus antecedentes penales.
Firma en el juzgado.
Tu juez te espera.
El tribunal resolvió.
Ve al ministerio público.
Ya pusiste tu denuncia.
Puedes denunciar a tu esposo.
Si él te golpea, llámanos.
Le golpean seguido.
Los golpes no son amor.
Sufriste maltrato.
Si te maltratan, avisa.
Vives con violencia.
Es violento contigo.
Tu agresor no puede acercarse.
Te agredieron otra vez.
Si te violaron, hay ayuda.
Fue una violación.
El abuso no es tu culpa.
Hay un refugio para mujeres.
La casa refugio tiene lugar.
Dejar la droga.
Las drogas y tú.
Eras drogadicta.
Tu adicción se trata.
Grupo de adictas en recuperación.
Si fumas marihuana.
El aborto es legal.
Si abortaste, ven.
Ideas de suicidio.
Si piensas en suicidarte.
Quitarte la vida no es salida.
Tu depresión mejora.
Consulta psiquiátrica el jueves.
Prueba de VIH gratis.
Fuiste detenida sin orden.
El arresto domiciliario.
Tu visita conyugal.
La trata de personas.
Tu brazalete electrónico.
Las que estuvimos en la cana.""".splitlines()
)
