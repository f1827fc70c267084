namespace MadgNet.Medical.Dicom;

/// <summary>
/// From stored values to what they mean: Hounsfield units of a CT, counts of a PET. Either a table or slope and intercept, never both
/// (PS3.3, C.11.1).
/// </summary>
public sealed class ModalityTransform
{
    private readonly LookupTable? _table;

    private ModalityTransform(double slope, double intercept, LookupTable? table) =>
        (Slope, Intercept, _table) = (slope, intercept, table);

    /// <summary>Values mean themselves.</summary>
    public static ModalityTransform Identity { get; } = new(1, 0, null);

    /// <summary>What a stored value is multiplied by; 1 with a table.</summary>
    public double Slope { get; }

    /// <summary>What is added then; 0 with a table.</summary>
    public double Intercept { get; }

    /// <summary>Whether a table is used.</summary>
    public bool HasTable => _table is not null;

    /// <summary>Whether values mean themselves.</summary>
    public bool IsIdentity => _table is null && Slope == 1 && Intercept == 0;

    /// <summary>What a stored value means.</summary>
    /// <param name="stored">The stored value.</param>
    /// <returns>The value after the table, or after slope and intercept.</returns>
    public double Apply(long stored) => _table is null ? (stored * Slope) + Intercept : _table[stored];

    internal static ModalityTransform Linear(double slope, double intercept) => new(slope, intercept, null);

    /// <summary>Reads the transformation of an object or of one of its frames.</summary>
    internal static ModalityTransform Read(DicomDataset dataset, bool signed)
    {
        if (dataset.Sequence(Tags.ModalityLutSequence) is [var table, ..])
        {
            return new ModalityTransform(1, 0, LookupTable.Read(table, Tags.LutDescriptor, Tags.LutData, signed));
        }

        double slope = dataset.Number(Tags.RescaleSlope) ?? 1;
        double intercept = dataset.Number(Tags.RescaleIntercept) ?? 0;
        return slope == 0
            ? throw MedicalFileException.Damaged(dataset.Source, $"a rescale slope {Tags.RescaleSlope} of 0")
            : slope == 1 && intercept == 0 ? Identity : new ModalityTransform(slope, intercept, null);
    }
}
