//! Small layout files that are really of their format: a PDF page, an OFD package and an XML document
//! with the invoice's number, amount and tax. The same invoice gives the same bytes.

use domain::{invoice::FileFormat, world::WorldInvoice};
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The invoice in this format.
pub(crate) fn file(invoice: &WorldInvoice, format: FileFormat) -> Vec<u8> {
    match format {
        FileFormat::Pdf => pdf(invoice),
        FileFormat::Ofd => ofd(invoice),
        FileFormat::Xml => xml(invoice).into_bytes(),
    }
}

/// One line of what stands on it; ASCII, as the plainest of PDF's fonts has it.
fn line(invoice: &WorldInvoice) -> String {
    let key = invoice.key();
    let safe = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let (code, number) = (safe(&key.code), safe(&key.number));
    format!("Invoice {code} {number} amount {} tax {}", invoice.amount, invoice.tax)
}

fn pdf(invoice: &WorldInvoice) -> Vec<u8> {
    let text = format!("BT /F1 12 Tf 40 780 Td ({}) Tj ET", line(invoice));
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let (table, count) = (file.len(), objects.len() + 1);
    file += &format!("xref\n0 {count}\n0000000000 65535 f \n");
    for place in places {
        file += &format!("{place:010} 00000 n \n");
    }
    file += &format!("trailer << /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    file.into_bytes()
}

fn xml(invoice: &WorldInvoice) -> String {
    let key = invoice.key();
    let escaped = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Invoice code=\"{}\" number=\"{}\" \
         amount=\"{}\" tax=\"{}\"><Seller>{}</Seller></Invoice>\n",
        escaped(&key.code),
        escaped(&key.number),
        invoice.amount,
        invoice.tax,
        escaped(&invoice.seller_name),
    )
}

fn ofd(invoice: &WorldInvoice) -> Vec<u8> {
    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let root = format!(
        "{HEAD}<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\" Version=\"1.1\" \
         DocType=\"OFD\"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>\
         </ofd:DocBody></ofd:OFD>\n"
    );
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut package = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("OFD.xml", root), ("Doc_0/Document.xml", xml(invoice))] {
        // In memory, with short names and short texts: nothing of it can fail.
        if package.start_file(name, options).is_err() || package.write_all(text.as_bytes()).is_err()
        {
            return Vec::new();
        }
    }
    package.finish().map(Cursor::into_inner).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::file;
    use domain::{invoice::FileFormat, world::WorldInvoice};

    #[test]
    fn every_format_is_what_it_says_and_the_same_each_time() {
        let invoice: WorldInvoice = serde_json::from_value(serde_json::json!({
            "buyer_tax_no": "91440300MA5G9GK78Y",
            "invoice_type": "27",
            "invoice_no": "23442000000164214335",
            "amount": "235.64",
            "tax": "2.36",
            "seller_name": "A<B> & Co",
        }))
        .expect("an invoice");
        for format in FileFormat::ALL {
            let bytes = file(&invoice, *format);
            assert_eq!(format.check(&bytes), Ok(()), "{format:?}");
            assert_eq!(file(&invoice, *format), bytes, "{format:?}");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert!(text.contains("23442000000164214335"), "{text}");
        }
        let pdf = String::from_utf8(file(&invoice, FileFormat::Pdf)).expect("text");
        let table: usize = pdf
            .rsplit("startxref\n")
            .next()
            .and_then(|rest| rest.lines().next()?.parse().ok())
            .expect("where the table stands");
        assert!(pdf[table..].starts_with("xref\n"));
    }
}
