# Reads the tables of a Hilo export into a list of data frames, with what the codebook says of each column.
#
#   source("read_hilo.R")
#   hilo <- read_hilo("the folder")
#   wide <- as_labelled(hilo$wide)         # factors with the labels of the codebook; do so before you pick rows
#   table(wide$trabaja_m1)
#   attr(hilo$wide$trabaja_m1, "label")    # what the column says
#
# A missing answer is one of four codes, which say why: -66 does not apply, -77 does not know, -88 prefers not to say,
# -99 no answer. as_labelled() and as_missing() make them NA; with missing = TRUE they are levels of their own.
# CSV needs nothing but R. Parquet needs the package arrow, .sav and .dta need haven, .jsonl needs jsonlite.

as_missing <- function(x) {
  # The same column, or data frame, with NA for every missing answer.
  if (is.data.frame(x)) {
    x[] <- lapply(x, as_missing)
    return(x)
  }
  if (inherits(x, "haven_labelled")) return(haven::zap_missing(x))
  codes <- attr(x, "missing")
  if (!is.null(codes)) x[!is.na(x) & as.character(x) %in% as.character(codes)] <- NA
  x
}

as_labelled <- function(x, missing = FALSE) {
  # A factor of the labels, in the order of the codebook; a value without a label is a level of its own. Of a data
  # frame the columns that have labels become factors, and of the others missing answers become NA.
  if (is.data.frame(x)) {
    one <- function(column) if (is.null(attr(column, "labels"))) as_missing(column) else as_labelled(column, missing)
    x[] <- lapply(x, one)
    return(x)
  }
  if (inherits(x, "haven_labelled")) return(haven::as_factor(if (missing) x else haven::zap_missing(x)))
  labels <- attr(x, "labels")
  if (missing) labels <- c(labels, attr(x, "missing"))
  text <- as.character(if (missing) x else as_missing(x))
  others <- sort(setdiff(text[!is.na(text)], as.character(labels)))
  found <- factor(text, levels = c(as.character(labels), others), labels = c(names(labels), others))
  structure(found, label = attr(x, "label"))
}

hilo_csv <- function(path) {
  # Every cell as text, in UTF-8 whatever this computer's language, without the mark that begins the file.
  found <- utils::read.csv(path, sep = "@SEPARATOR@", encoding = "UTF-8", na.strings = "", colClasses = "character",
                           comment.char = "", stringsAsFactors = FALSE, check.names = FALSE)
  names(found)[1] <- sub("^\ufeff", "", enc2utf8(names(found)[1]))
  # An apostrophe in front keeps a spreadsheet from running a text; it is no part of the text.
  runs <- "^'([=+@\t\r\n-]|\uff1d|\uff0b|\uff0d|\uff20)"
  for (column in names(found)) {
    text <- found[[column]]
    marked <- !is.na(text) & grepl(runs, text)
    found[[column]][marked] <- substring(text[marked], 2)
  }
  found
}

hilo_read_one <- function(path) {
  switch(tools::file_ext(path),
    csv = hilo_csv(path),
    parquet = as.data.frame(arrow::read_parquet(path)),
    jsonl = jsonlite::stream_in(file(path), verbose = FALSE),
    sav = haven::read_sav(path, user_na = TRUE),
    dta = haven::read_dta(path)
  )
}

hilo_typed <- function(x, type) {
  if (!is.character(x) || is.na(type)) return(x)
  switch(type,
    date = as.Date(x),
    decimal = as.numeric(x),
    integer = , yes_no = utils::type.convert(x, na.strings = "", as.is = TRUE, numerals = "no.loss"),
    x
  )
}

hilo_described <- function(x, own) {
  # A column with its type, its label, the labels of its values, and the codes of its missing answers.
  x <- hilo_typed(x, own$type[1])
  codes <- own[!is.na(own$choice), ]
  of <- function(rows) stats::setNames(if (is.numeric(x)) as.numeric(rows$choice) else rows$choice, rows$choice_label)
  attr(x, "label") <- own$label[1]
  if (any(codes$type != "missing")) attr(x, "labels") <- of(codes[codes$type != "missing", ])
  if (any(codes$type == "missing")) attr(x, "missing") <- of(codes[codes$type == "missing", ])
  x
}

read_hilo <- function(folder = ".") {
  files <- list.files(folder, pattern = "[.](csv|parquet|jsonl|sav|dta)$", full.names = TRUE)
  files <- files[basename(files) != "codebook_redcap.csv"]
  tables <- lapply(files, hilo_read_one)
  names(tables) <- sub("[.][a-z]+$", "", basename(files))
  book <- tables$codebook[is.na(tables$codebook$instrument), ]
  for (number in seq_along(files)) {
    if (tools::file_ext(files[number]) %in% c("sav", "dta")) next  # these bring their labels with them
    own <- book[book$table == names(tables)[number], ]
    for (column in intersect(names(tables[[number]]), own$variable)) {
      tables[[number]][[column]] <- hilo_described(tables[[number]][[column]], own[own$variable == column, ])
    }
  }
  tables
}
