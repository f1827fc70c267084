using MadgNet.Core.Imaging;
using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Imaging;

/// <summary>The slices of a NIfTI volume, along the axes that <see cref="NiftiSlicing"/> names.</summary>
public sealed class NiftiStack : SliceStack
{
    private readonly (double Low, double High) _range;
    private readonly bool _bytes;
    private readonly bool _colors;

    /// <summary>Takes a volume for a stack.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="slicing">Which axes are columns, rows and slices; null for the file's own order.</param>
    /// <exception cref="InvalidOptionsException">The slicing names an axis twice, or one that there is not.</exception>
    public NiftiStack(NiftiVolume volume, NiftiSlicing? slicing = null)
        : base(
            (volume ?? throw new ArgumentNullException(nameof(volume))).Name,
            SliceCount(volume, slicing ?? NiftiSlicing.Stored),
            Length(volume, (slicing ?? NiftiSlicing.Stored).RowAxis),
            Length(volume, (slicing ?? NiftiSlicing.Stored).ColumnAxis))
    {
        Volume = volume;
        Slicing = slicing ?? NiftiSlicing.Stored;
        InvalidOptionsException.ThrowIfAny(nameof(NiftiStack), Slicing.Validate());
        NiftiHeader header = volume.Header;
        _colors = header.Type is NiftiType.Rgb24 or NiftiType.Rgba32;
        _bytes = header is { Type: NiftiType.UInt8, Slope: 1, Intercept: 0 };
        _range = _bytes || _colors ? (0, 0) : Range(volume);
    }

    /// <summary>A stack of a file, of which memory may be given back.</summary>
    internal static NiftiStack Of(string path, MedicalReadOptions options)
    {
        NiftiVolume volume = NiftiVolume.Read(path, options.Nifti).Releasing(options.Nifti);
        return new NiftiStack(volume, options.SlicingOf(volume));
    }

    /// <summary>The volume.</summary>
    public NiftiVolume Volume { get; }

    /// <summary>Which axes are columns, rows and slices.</summary>
    public NiftiSlicing Slicing { get; }

    /// <inheritdoc/>
    public override PixelSpacing? Spacing
    {
        get
        {
            (double row, double column) = (Step(Slicing.RowAxis), Step(Slicing.ColumnAxis));
            return row > 0 && column > 0 ? new PixelSpacing(row: row, column: column) : null;
        }
    }

    /// <summary>Where a pixel of a slice lies among the values of the file.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="row">The row.</param>
    /// <param name="column">The column.</param>
    /// <returns>The place, as <see cref="NiftiVolume"/> counts.</returns>
    public long IndexOf(int slice, int row, int column)
    {
        IReadOnlyList<int> shape = Volume.Header.Shape;
        int y = Slicing.FlipRows ? Rows - 1 - row : row;
        int x = Slicing.FlipColumns ? Columns - 1 - column : column;
        long index = 0;
        long step = 1;
        long rest = slice;
        for (int axis = 0; axis < Math.Max(3, shape.Count); axis++)
        {
            int length = axis < shape.Count ? shape[axis] : 1;
            long at;
            if (axis == Slicing.RowAxis)
            {
                at = y;
            }
            else if (axis == Slicing.ColumnAxis)
            {
                at = x;
            }
            else
            {
                (rest, at) = Math.DivRem(rest, length);
            }

            index += at * step;
            step *= length;
        }

        return index;
    }

    private protected override PixelImage ReadSlice(int index)
    {
        long count = (long)Rows * Columns;
        if (_colors)
        {
            var colors = new byte[count * 3];
            for (int i = 0; i < count; i++)
            {
                Volume.Stored(IndexOf(index, i / Columns, i % Columns))[..3].CopyTo(colors.AsSpan(i * 3));
            }

            return new PixelImage(width: Columns, height: Rows, 3, colors);
        }

        if (_bytes)
        {
            var bytes = new byte[count];
            for (int i = 0; i < count; i++)
            {
                bytes[i] = Volume.Stored(IndexOf(index, i / Columns, i % Columns))[0];
            }

            return new PixelImage(width: Columns, height: Rows, 1, bytes);
        }

        var values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Volume[IndexOf(index, i / Columns, i % Columns)];
        }

        (double low, double high) = _range;
        if (IsWhole(Volume.Header) && high - low <= ushort.MaxValue && Math.Abs(low) < int.MaxValue)
        {
            var words = new ushort[count];
            for (int i = 0; i < words.Length; i++)
            {
                words[i] = (ushort)(values[i] - low);
            }

            return new PixelImage(width: Columns, height: Rows, 1, words, (int)low);
        }

        // One scale for all slices: a value is the same sample everywhere.
        return WideValues.Spread(values, Rows, Columns, null, null, Name, double.IsFinite(low) ? _range : null);
    }

    private static bool IsWhole(NiftiHeader header) => header.Type is not (NiftiType.Float32 or NiftiType.Float64)
        && header.Slope == Math.Floor(header.Slope)
        && header.Intercept == Math.Floor(header.Intercept);

    private static (double Low, double High) Range(NiftiVolume volume)
    {
        (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
        for (long i = 0; i < volume.Header.Count; i++)
        {
            double value = volume[i];
            if (double.IsFinite(value))
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        }

        return (low, high);
    }

    private static int Length(NiftiVolume volume, int axis) =>
        axis >= 0 && axis < volume.Header.Shape.Count ? volume.Header.Shape[axis] : 1;

    private static int SliceCount(NiftiVolume volume, NiftiSlicing slicing)
    {
        InvalidOptionsException.ThrowIfAny(nameof(NiftiSlicing), slicing.Validate());
        long count = volume.Header.Count / ((long)Length(volume, slicing.RowAxis) * Length(volume, slicing.ColumnAxis));
        return count <= int.MaxValue
            ? (int)count
            : throw new MedicalFileException(
                MedicalFileFault.TooLarge, volume.Name, $"{count} slices", $"at most {int.MaxValue}", "Divide the volume");
    }

    private double Step(int axis) => Volume.Header.Affine.Column(axis).Length;
}
