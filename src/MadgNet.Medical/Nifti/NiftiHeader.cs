using System.Buffers.Binary;

namespace MadgNet.Medical.Nifti;

/// <summary>What a NIfTI file says of its numbers and of where they lie.</summary>
public sealed record NiftiHeader
{
    private const int FirstVersionLength = 348;
    private const int SecondVersionLength = 540;

    /// <summary>1 or 2.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The lengths of the axes, one to seven; the first one runs fastest in the file.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>The type of the numbers.</summary>
    public required NiftiType Type { get; init; }

    /// <summary>The distance of voxels along each axis: millimetres for the first three, seconds or others for the fourth.</summary>
    public required IReadOnlyList<double> Spacing { get; init; }

    /// <summary>What a stored number is multiplied by. 1 where the file states none.</summary>
    public double Slope { get; init; } = 1;

    /// <summary>What is added then.</summary>
    public double Intercept { get; init; }

    /// <summary>Where voxels lie: the file's sform, where it has none its qform, where it has none either its spacing.</summary>
    public required Affine Affine { get; init; }

    /// <summary>Whether numbers have their highest byte first.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>Where the numbers begin in their file.</summary>
    internal long DataOffset { get; init; }

    /// <summary>The number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, length) => product * length);

    /// <summary>Bytes of one value.</summary>
    internal int ValueBytes => SizeOf(Type);

    /// <summary>Whether content looks like a NIfTI file that is not packed.</summary>
    internal static bool Recognizes(ReadOnlySpan<byte> content)
    {
        if (content.Length < FirstVersionLength)
        {
            return false;
        }

        int size = BinaryPrimitives.ReadInt32LittleEndian(content);
        size = size is FirstVersionLength or SecondVersionLength ? size : BinaryPrimitives.ReverseEndianness(size);
        return size == FirstVersionLength
            ? IsMagic(content[344..], (byte)'1')
            : size == SecondVersionLength && content.Length >= SecondVersionLength && IsMagic(content[4..], (byte)'2');
    }

    /// <summary>Reads and checks a header.</summary>
    /// <exception cref="MedicalFileException">It is no NIfTI header, damaged, or of numbers that are not read.</exception>
    internal static NiftiHeader Read(ReadOnlySpan<byte> content, string name)
    {
        if (!Recognizes(content))
        {
            bool analyze = content.Length >= FirstVersionLength
                && BinaryPrimitives.ReadInt32LittleEndian(content) is FirstVersionLength or 0x5C010000;
            throw new MedicalFileException(
                MedicalFileFault.Foreign,
                name,
                analyze ? "an ANALYZE 7.5 header, which does not say where left and right are" : "content that is no NIfTI",
                "a NIfTI file of version 1 or 2",
                analyze ? "Convert the file to NIfTI with a program that knows its origin" : "Check the path");
        }

        bool big = BinaryPrimitives.ReadInt32LittleEndian(content) is not (FirstVersionLength or SecondVersionLength);
        var fields = new Fields(content, big);
        bool second = fields.Int32(0) == SecondVersionLength;
        int axes = (int)(second ? fields.Int64(16) : fields.Int16(40));
        if (axes is < 1 or > 7)
        {
            throw MedicalFileException.Damaged(name, $"{axes} axes");
        }

        var shape = new int[axes];
        long count = 1;
        for (int i = 0; i < axes; i++)
        {
            long length = second ? fields.Int64(24 + (i * 8)) : fields.Int16(42 + (i * 2));
            if (length is < 1 or > int.MaxValue || count > long.MaxValue / length / 16)
            {
                throw MedicalFileException.Damaged(name, $"an axis of {length} voxels");
            }

            shape[i] = (int)length;
            count *= length;
        }

        int code = second ? fields.Int16(12) : fields.Int16(70);
        if (!Enum.IsDefined((NiftiType)code))
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported,
                name,
                $"numbers of type {code}",
                string.Join(", ", Enum.GetNames<NiftiType>()),
                "Convert the file to one of these types");
        }

        var spacing = new double[axes];
        for (int i = 0; i < axes; i++)
        {
            spacing[i] = second ? fields.Double(112 + (i * 8)) : fields.Single(80 + (i * 4));
        }

        (double slope, double intercept) = second
            ? (fields.Double(176), fields.Double(184))
            : (fields.Single(112), fields.Single(116));
        bool scaled = slope != 0 && double.IsFinite(slope) && double.IsFinite(intercept);
        long offset = second ? fields.Int64(168) : Offset(fields.Single(108));
        return new NiftiHeader
        {
            Version = second ? 2 : 1,
            Shape = shape,
            Type = (NiftiType)code,
            Spacing = spacing,
            Slope = scaled ? slope : 1,
            Intercept = scaled ? intercept : 0,
            Affine = NiftiOrientation.Read(fields, second, shape, name),
            IsBigEndian = big,
            DataOffset = offset >= 0 ? offset : throw MedicalFileException.Damaged(name, $"numbers that begin at byte {offset}"),
        };
    }

    internal static int SizeOf(NiftiType type) => type switch
    {
        NiftiType.UInt8 or NiftiType.Int8 => 1,
        NiftiType.Int16 or NiftiType.UInt16 => 2,
        NiftiType.Rgb24 => 3,
        NiftiType.Int32 or NiftiType.UInt32 or NiftiType.Float32 or NiftiType.Rgba32 => 4,
        _ => 8,
    };

    /// <summary><c>n+1</c> in one file with the numbers, <c>ni1</c> in a file of its own; 2 for the second version.</summary>
    private static bool IsMagic(ReadOnlySpan<byte> magic, byte version) =>
        magic[0] == (byte)'n' && (magic[1] is (byte)'+' or (byte)'i') && magic[2] == version;

    private static long Offset(float value) => float.IsFinite(value) && Math.Abs(value) < 1e15f ? (long)value : -1;

    /// <summary>Numbers at places of a header.</summary>
    internal readonly ref struct Fields(ReadOnlySpan<byte> content, bool big)
    {
        private readonly ReadOnlySpan<byte> _content = content;

        public short Int16(int at) => big
            ? BinaryPrimitives.ReadInt16BigEndian(_content[at..])
            : BinaryPrimitives.ReadInt16LittleEndian(_content[at..]);

        public int Int32(int at) => big
            ? BinaryPrimitives.ReadInt32BigEndian(_content[at..])
            : BinaryPrimitives.ReadInt32LittleEndian(_content[at..]);

        public long Int64(int at) => big
            ? BinaryPrimitives.ReadInt64BigEndian(_content[at..])
            : BinaryPrimitives.ReadInt64LittleEndian(_content[at..]);

        public float Single(int at) => big
            ? BinaryPrimitives.ReadSingleBigEndian(_content[at..])
            : BinaryPrimitives.ReadSingleLittleEndian(_content[at..]);

        public double Double(int at) => big
            ? BinaryPrimitives.ReadDoubleBigEndian(_content[at..])
            : BinaryPrimitives.ReadDoubleLittleEndian(_content[at..]);
    }
}
