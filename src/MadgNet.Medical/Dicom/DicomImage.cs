using MadgNet.Core.Imaging;

namespace MadgNet.Medical.Dicom;

/// <summary>The frames of a DICOM object: stored values, what they mean, and as pictures; with where they lie in the patient.</summary>
/// <remarks>Frames are unpacked at each call. Safe to use from several threads at once.</remarks>
public sealed class DicomImage
{
    private readonly DicomFrames _pixels;

    /// <summary>Looks at the pixels of a file; none is unpacked yet.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <exception cref="MedicalFileException">The file has no pixels, fewer than its header says, or is compressed as nobody here
    /// unpacks it.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public DicomImage(DicomFile file, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= DicomReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(DicomImage), options.Validate());
        File = file;
        Format = DicomPixelFormat.Of(file);
        _pixels = new DicomFrames(file, Format, options);
    }

    /// <summary>The file.</summary>
    public DicomFile File { get; }

    /// <summary>How the pixels are stored.</summary>
    public DicomPixelFormat Format { get; }

    /// <summary>The number of frames.</summary>
    public int Frames => Format.Frames;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <returns>The image.</returns>
    /// <exception cref="MedicalFileException">The file is missing, damaged or larger than allowed, or its pixels are none that are
    /// read.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static DicomImage Read(string path, DicomReadOptions? options = null) => new(DicomFile.Read(path, options), options);

    /// <summary>
    /// The stored values of a frame, as their bytes lie in the file: signs extended, colours not converted, palettes not applied. 32-bit
    /// values without sign are bit patterns.
    /// </summary>
    /// <param name="frame">The frame, from 0.</param>
    /// <returns>Rows from top to bottom, the values of a pixel after one another.</returns>
    /// <remarks>
    /// Single bytes in words of a big endian file lie swapped there, and so they are here; pictures put them right.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="MedicalFileException">The compressed frame is damaged.</exception>
    public int[] Stored(int frame = 0) => Unpack(frame, swapBytes: false);

    /// <summary>What the stored values of a frame mean: after the modality's table, or slope and intercept.</summary>
    /// <param name="frame">The frame, from 0.</param>
    /// <returns>Rows from top to bottom; Hounsfield units of a CT.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="MedicalFileException">The frame is damaged, or has colours.</exception>
    public double[] Values(int frame = 0)
    {
        RefuseColor("values");
        int[] stored = Unpack(frame, swapBytes: true);
        ModalityTransform modality = Modality(frame);
        var values = new double[stored.Length];
        bool unsigned = IsUnsigned32;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = modality.Apply(unsigned ? (uint)stored[i] : stored[i]);
        }

        return values;
    }

    /// <summary>From stored values to what they mean.</summary>
    /// <param name="frame">The frame, from 0.</param>
    /// <returns>The transformation; the identity where the file states none.</returns>
    public ModalityTransform Modality(int frame = 0)
    {
        CheckFrame(frame);
        return ModalityTransform.Read(
            FunctionalGroups.Find(File.Dataset, frame, Tags.PixelTransformationSequence), Format.IsSigned);
    }

    /// <summary>The windows that the file states for a frame.</summary>
    /// <param name="frame">The frame, from 0.</param>
    /// <returns>The windows, possibly none.</returns>
    public IReadOnlyList<DicomWindow> Windows(int frame = 0)
    {
        CheckFrame(frame);
        return DicomWindow.Read(
            FunctionalGroups.Find(File.Dataset, frame, Tags.FrameVoiLutSequence), Format.IsSigned || Modality(frame).Intercept < 0);
    }

    /// <summary>Where a frame lies in the patient.</summary>
    /// <param name="frame">The frame, from 0.</param>
    /// <returns>The geometry; null where the file does not state position, orientation and spacing.</returns>
    public SliceGeometry? Geometry(int frame = 0)
    {
        CheckFrame(frame);
        return FunctionalGroups.Geometry(File.Dataset, frame);
    }

    /// <summary>The distance of a frame's rows and columns in millimetres.</summary>
    /// <param name="frame">The frame, from 0.</param>
    /// <returns>The spacing; null where the file does not state it.</returns>
    public PixelSpacing? Spacing(int frame = 0)
    {
        CheckFrame(frame);
        return FunctionalGroups.Spacing(File.Dataset, frame);
    }

    /// <summary>A frame as a picture: windowed where it is grey, in its colours where it has some.</summary>
    /// <param name="frame">The frame, from 0.</param>
    /// <param name="window">The window; null for the file's first one, or the range of all values that can be stored.</param>
    /// <returns>1×H×W or 3×H×W, 0..1, bright is bright: MONOCHROME1 is turned round.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="MedicalFileException">The frame is damaged.</exception>
    public FloatImage Windowed(int frame = 0, DicomWindow? window = null)
    {
        if (Format.IsColor)
        {
            return Colors(frame).ToFloat();
        }

        int[] stored = Unpack(frame, swapBytes: true);
        float[] data = GC.AllocateUninitializedArray<float>(stored.Length);
        ModalityTransform modality = Modality(frame);
        window ??= Windows(frame) is [var own, ..] ? own : FullRange(modality);
        if (window.Line is { } line && !modality.HasTable && line.High > line.Low && !IsUnsigned32)
        {
            // One product and one sum a pixel; turned round with the sign.
            double factor = modality.Slope / (line.High - line.Low);
            double start = (modality.Intercept - line.Low) / (line.High - line.Low);
            (float slope, float shift) = Format.IsInverted ? ((float)-factor, (float)(1 - start)) : ((float)factor, (float)start);
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = Math.Min(1, Math.Max(0, (stored[i] * slope) + shift));
            }
        }
        else
        {
            bool unsigned = IsUnsigned32;
            for (int i = 0; i < data.Length; i++)
            {
                double value = window.Apply(modality.Apply(unsigned ? (uint)stored[i] : stored[i]));
                data[i] = (float)(Format.IsInverted ? 1 - value : value);
            }
        }

        return new FloatImage(1, Format.Rows, Format.Columns, data);
    }

    /// <summary>The window between two percentiles of a frame's values; pixels of padding are left out.</summary>
    /// <param name="low">The lower percentile, 0 … 100: 0 is the smallest value.</param>
    /// <param name="high">The upper percentile, above the lower one: 100 is the largest value.</param>
    /// <param name="frame">The frame, from 0.</param>
    /// <returns>The window; null where all pixels are padding or have one value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The percentiles do not rise within 0 … 100, or there is no such frame.</exception>
    /// <exception cref="MedicalFileException">The frame is damaged, or has colours.</exception>
    public DicomWindow? Percentiles(double low, double high, int frame = 0)
    {
        if (!(low >= 0 && high <= 100 && low < high))
        {
            throw new ArgumentOutOfRangeException(
                nameof(low), low, $"received percentiles {low} and {high}; expected 0 ≤ low < high ≤ 100. Pass for example 1 and 99.");
        }

        RefuseColor("percentiles");
        PixelPadding? padding = Padding;
        ModalityTransform modality = Modality(frame);
        bool unsigned = IsUnsigned32;
        double[] values = [.. Unpack(frame, swapBytes: true)
            .Select(value => unsigned ? (uint)value : (long)value)
            .Where(value => padding is not { } pad || !pad.Includes(value))
            .Select(modality.Apply)];
        if (values.Length == 0)
        {
            return null;
        }

        Array.Sort(values);
        (double from, double to) = (At(values, low), At(values, high));
        return to > from ? DicomWindow.Create((from + to) / 2, to - from) : null;
    }

    /// <summary>The values that mark pixels outside of the image; null where the file states none.</summary>
    public PixelPadding? Padding
    {
        get
        {
            if (File.Dataset.Integer(Tags.PixelPadding) is not { } value)
            {
                return null;
            }

            long first = Signed(value);
            long limit = File.Dataset.Integer(Tags.PixelPaddingLimit) is { } other ? Signed(other) : first;
            return new PixelPadding(Math.Min(first, limit), Math.Max(first, limit));
        }
    }

    private bool IsUnsigned32 => Format is { BitsAllocated: 32, IsSigned: false };

    /// <summary>A frame's colours as RGB.</summary>
    internal PixelImage Colors(int frame)
    {
        int[] values = Unpack(frame, swapBytes: true);
        int bits = Format.BitsStored;
        if (Format.IsPalette)
        {
            (values, bits) = ColorConversion.OfPalette(File, values, Format.IsSigned);
        }
        else
        {
            ColorConversion.ToRgb(values, Format);
        }

        if (bits <= 8 || Format.IsPalette)
        {
            int shift = Math.Max(0, bits - 8);
            var bytes = new byte[values.Length];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)(values[i] >> shift);
            }

            return new PixelImage(width: Format.Columns, height: Format.Rows, 3, bytes);
        }

        var words = new ushort[values.Length];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = (ushort)(values[i] << (16 - bits));
        }

        return new PixelImage(width: Format.Columns, height: Format.Rows, 3, words);
    }

    /// <summary>A grey frame's stored values, as they were meant.</summary>
    internal int[] Numbers(int frame) => Unpack(frame, swapBytes: true);

    private DicomWindow FullRange(ModalityTransform modality)
    {
        (double one, double other) = (modality.Apply(Format.Minimum), modality.Apply(Format.Maximum));
        (double low, double high) = (Math.Min(one, other), Math.Max(one, other));
        return DicomWindow.Create((low + high) / 2, Math.Max(high - low, double.Epsilon));
    }

    private static double At(double[] sorted, double percent)
    {
        double position = percent / 100 * (sorted.Length - 1);
        int rank = (int)Math.Floor(position);
        double lower = sorted[rank];
        return lower + ((position - rank) * (sorted[Math.Min(rank + 1, sorted.Length - 1)] - lower));
    }

    private int[] Unpack(int frame, bool swapBytes)
    {
        CheckFrame(frame);
        return _pixels.Unpack(frame, swapBytes);
    }

    private long Signed(long value) => Format.IsSigned && value > Format.Maximum && value < 1L << 16 ? value - (1L << 16) : value;

    private void RefuseColor(string what)
    {
        if (Format.IsColor)
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported, File.Name, $"{what} of {Format.Photometric}", "a grey image", "Use Windowed or Stored");
        }
    }

    private void CheckFrame(int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, Frames);
    }
}
