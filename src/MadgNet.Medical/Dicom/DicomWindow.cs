namespace MadgNet.Medical.Dicom;

/// <summary>The range of values that a picture shows: from values after <see cref="ModalityTransform"/> to 0..1.</summary>
public sealed class DicomWindow
{
    private readonly LookupTable? _table;

    private DicomWindow(double center, double width, WindowFunction function, LookupTable? table) =>
        (Center, Width, Function, _table) = (center, width, function, table);

    /// <summary>The middle of the window; NaN with a table.</summary>
    public double Center { get; }

    /// <summary>The width of the window; NaN with a table.</summary>
    public double Width { get; }

    /// <summary>The form of the curve; meaningless with a table.</summary>
    public WindowFunction Function { get; }

    /// <summary>Whether a table of the file is used.</summary>
    public bool HasTable => _table is not null;

    /// <summary>Creates a window.</summary>
    /// <param name="center">Its middle, for example −600 for lung in Hounsfield units.</param>
    /// <param name="width">Its width: at least 1 with <see cref="WindowFunction.Linear"/>, above 0 otherwise.</param>
    /// <param name="function">The form of its curve.</param>
    /// <returns>The window.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or the width is too small.</exception>
    public static DicomWindow Create(double center, double width, WindowFunction function = WindowFunction.LinearExact)
    {
        if (!double.IsFinite(center) || !double.IsFinite(width) || !(function == WindowFunction.Linear ? width >= 1 : width > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(width),
                width,
                $"received a window of centre {center} and width {width}; expected finite numbers, and a width of at least 1 for Linear "
                    + $"or above 0. Pass for example Create(-600, 1500).");
        }

        return new DicomWindow(center, width, function, null);
    }

    /// <summary>Where a value lies in the window.</summary>
    /// <param name="value">A value after <see cref="ModalityTransform"/>.</param>
    /// <returns>0..1.</returns>
    public double Apply(double value)
    {
        if (_table is not null)
        {
            return _table[(long)Math.Round(value)] / (double)((1 << _table.Bits) - 1);
        }

        if (Function == WindowFunction.Sigmoid)
        {
            return 1 / (1 + Math.Exp(-4 * (value - Center) / Width));
        }

        (double low, double high) = Bounds;
        return value <= low ? 0 : value > high ? 1 : (value - low) / (high - low);
    }

    /// <summary>The values that become 0 and 1 where the curve is a line; null otherwise.</summary>
    internal (double Low, double High)? Line => _table is null && Function != WindowFunction.Sigmoid ? Bounds : null;

    private (double Low, double High) Bounds => Function == WindowFunction.Linear
        ? (Center - 0.5 - ((Width - 1) / 2), Center - 0.5 + ((Width - 1) / 2))
        : (Center - (Width / 2), Center + (Width / 2));

    /// <summary>The windows that an object or one of its frames states; tables before centre and width, as the standard has them.</summary>
    internal static IReadOnlyList<DicomWindow> Read(DicomDataset dataset, bool signed)
    {
        var windows = new List<DicomWindow>();
        foreach (DicomDataset table in dataset.Sequence(Tags.VoiLutSequence))
        {
            windows.Add(new DicomWindow(
                double.NaN, double.NaN, WindowFunction.Linear, LookupTable.Read(table, Tags.LutDescriptor, Tags.LutData, signed)));
        }

        IReadOnlyList<double> centers = dataset.Numbers(Tags.WindowCenter);
        IReadOnlyList<double> widths = dataset.Numbers(Tags.WindowWidth);
        WindowFunction function = dataset.Text(Tags.VoiFunction) switch
        {
            "LINEAR_EXACT" => WindowFunction.LinearExact,
            "SIGMOID" => WindowFunction.Sigmoid,
            _ => WindowFunction.Linear,
        };
        for (int i = 0; i < Math.Min(centers.Count, widths.Count); i++)
        {
            // A width of 0 says nothing: some machines write it where they have no window.
            if (widths[i] > 0)
            {
                // Widths below 1 are only exact ones.
                bool exact = function == WindowFunction.Linear && widths[i] < 1;
                windows.Add(new DicomWindow(centers[i], widths[i], exact ? WindowFunction.LinearExact : function, null));
            }
        }

        return windows;
    }
}
