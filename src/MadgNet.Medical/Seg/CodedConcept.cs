using MadgNet.Medical.Dicom;

namespace MadgNet.Medical.Seg;

/// <summary>A term of a published vocabulary, as DICOM names what a segment is.</summary>
/// <param name="Value">The code, for example <c>10200004</c>; at most 16 characters.</param>
/// <param name="Scheme">The vocabulary: <c>SCT</c> for SNOMED CT, <c>DCM</c> for DICOM's own; at most 16 characters.</param>
/// <param name="Meaning">The term in words, for example <c>Liver</c>; at most 64 characters.</param>
public sealed record CodedConcept(string Value, string Scheme, string Meaning)
{
    /// <summary>Tissue of any kind: what a segment is where nobody says more.</summary>
    public static CodedConcept Tissue { get; } = new("85756007", "SCT", "Tissue");

    /// <summary>The category of organs and other parts of the body.</summary>
    public static CodedConcept AnatomicalStructure { get; } = new("123037004", "SCT", "Anatomical Structure");

    /// <summary>The category of lesions, tumours and other changes.</summary>
    public static CodedConcept MorphologicallyAlteredStructure { get; } =
        new("49755003", "SCT", "Morphologically Altered Structure");

    /// <summary>Everything that is wrong with the term.</summary>
    /// <param name="subject">What messages call it.</param>
    /// <returns>The problems; empty when nothing is.</returns>
    internal IEnumerable<Problem> Validate(string subject)
    {
        foreach ((string part, string value, int most) in
            new[] { (nameof(Value), Value, 16), (nameof(Scheme), Scheme, 16), (nameof(Meaning), Meaning, 64) })
        {
            if (string.IsNullOrWhiteSpace(value) || value.Length > most || value.AsSpan().IndexOfAny('\\', '\n', '\0') >= 0)
            {
                yield return new Problem(
                    $"{subject}.{part}", $"'{value}'", $"1 to {most} characters without backslash", "Take the term of the vocabulary");
            }
        }
    }

    internal DicomDataset ToItem() => new DicomDataset { IsUtf8 = true }
        .SetText(Tags.CodeValue, DicomVr.SH, Value)
        .SetText(Tags.CodingScheme, DicomVr.SH, Scheme)
        .SetText(Tags.CodeMeaning, DicomVr.LO, Meaning);

    internal static CodedConcept? Read(DicomDataset dataset, DicomTag sequence) => dataset.Sequence(sequence) is [var item, ..]
        ? new CodedConcept(
            item.Text(Tags.CodeValue) ?? item.Text(Tags.LongCodeValue) ?? item.Text(Tags.UrnCodeValue) ?? "",
            item.Text(Tags.CodingScheme) ?? "",
            item.Text(Tags.CodeMeaning) ?? "")
        : null;
}
