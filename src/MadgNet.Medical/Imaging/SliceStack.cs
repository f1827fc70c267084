using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Imaging;

/// <summary>
/// A volume as a network for pictures sees it: one slice after another, each with its values and the size of its pixels. What is
/// predicted goes back to the volume's own grid by the slice's number.
/// </summary>
/// <remarks>Slices are read at each call. Safe to use from several threads at once.</remarks>
public abstract class SliceStack
{
    private protected SliceStack(string name, int count, int rows, int columns)
    {
        (Name, Count, Rows, Columns) = (name, count, rows, columns);
    }

    /// <summary>The file or folder.</summary>
    public string Name { get; }

    /// <summary>The number of slices.</summary>
    public int Count { get; }

    /// <summary>Height of every slice in pixels.</summary>
    public int Rows { get; }

    /// <summary>Width of every slice in pixels.</summary>
    public int Columns { get; }

    /// <summary>The distance of rows and columns in millimetres; null where the file does not say.</summary>
    public abstract PixelSpacing? Spacing { get; }

    /// <summary>Opens a volume: a folder of DICOM slices, a DICOM file of one or more frames, or a NIfTI file.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="options">How it is read; null for the defaults.</param>
    /// <returns>The slices.</returns>
    /// <exception cref="MedicalFileException">There is no volume, there are several series, or the files are damaged.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static SliceStack Open(string path, MedicalReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= MedicalReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(SliceStack), options.Validate());
        return MedicalFormat.IsNiftiName(path) && !Directory.Exists(path)
            ? NiftiStack.Of(path, options)
            : new DicomStack(DicomSeries.Load(path, options.Dicom), path);
    }

    /// <summary>Reads a slice.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <returns>The slice: colours, or values that mean what the file means (Hounsfield units of a CT).</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slice.</exception>
    /// <exception cref="MedicalFileException">The slice is damaged.</exception>
    public PixelImage Read(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return ReadSlice(index);
    }

    /// <summary>
    /// What was found in a slice, measured in millimetres: areas and lengths of its regions, and the areas that post-processing names. As
    /// it is where the file does not state a spacing.
    /// </summary>
    /// <param name="prediction">What was found, at the slice's own size.</param>
    /// <returns>The same masks with this stack's <see cref="Spacing"/>.</returns>
    /// <exception cref="ArgumentException">The prediction has another size than the slices.</exception>
    public Prediction InMillimetres(Prediction prediction)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        return (prediction.Height, prediction.Width) == (Rows, Columns)
            ? prediction.With(prediction.PostProcessing, Spacing ?? prediction.Spacing)
            : throw new ArgumentException(
                $"received a prediction of {prediction.Width}×{prediction.Height} pixels; expected {Columns}×{Rows}, the slice's own grid. "
                    + $"Predict the slice, not a resized copy.",
                nameof(prediction));
    }

    private protected abstract PixelImage ReadSlice(int index);
}
