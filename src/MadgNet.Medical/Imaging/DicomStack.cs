using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Imaging;

/// <summary>The slices of a DICOM series.</summary>
public sealed class DicomStack : SliceStack
{
    private readonly Lock _lock = new();
    private (string Path, DicomImage Image)? _last;

    /// <summary>Takes a series for a stack.</summary>
    /// <param name="series">The series.</param>
    /// <param name="name">What the stack is called; null for the series' first file.</param>
    public DicomStack(DicomSeries series, string? name = null)
        : base(
            name ?? (series ?? throw new ArgumentNullException(nameof(series))).Slices[0].Path,
            series.Slices.Count,
            series.Rows,
            series.Columns)
    {
        Series = series;
    }

    /// <summary>The series.</summary>
    public DicomSeries Series { get; }

    /// <inheritdoc/>
    public override PixelSpacing? Spacing => Series.Spacing;

    private protected override PixelImage ReadSlice(int index)
    {
        SeriesSlice slice = Series.Slices[index];
        return DicomPixels.ToPixelImage(Image(slice, index), slice.Frame);
    }

    /// <summary>The image of a slice; that of a file of several frames stays for the next one.</summary>
    private DicomImage Image(SeriesSlice slice, int index)
    {
        if (slice.FileFrames == 1)
        {
            return Series.Open(index);
        }

        lock (_lock)
        {
            if (_last is not { } last || last.Path != slice.Path)
            {
                _last = last = (slice.Path, Series.Open(index));
            }

            return last.Image;
        }
    }
}
