using System.Buffers.Binary;
using System.IO.Compression;

namespace MadgNet.Medical.Dicom;

/// <summary>
/// A DICOM file: what it says of itself, and its data set. With a preamble or without, with meta information or without, in every
/// uncompressed, deflated or encapsulated transfer syntax; pixels are unpacked by <see cref="DicomImage"/>.
/// </summary>
public sealed class DicomFile
{
    private const int Preamble = 128;

    /// <summary>What is read of a file whose header alone is wanted, at first.</summary>
    private const int StartLength = 1 << 16;

    /// <summary>Creates a file from a data set.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="transferSyntax">How its pixels are stored.</param>
    /// <param name="name">What messages call it.</param>
    public DicomFile(DicomDataset dataset, TransferSyntax transferSyntax, string name)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(transferSyntax);
        ArgumentNullException.ThrowIfNull(name);
        (Dataset, TransferSyntax, Name) = (dataset, transferSyntax, name);
    }

    /// <summary>The file's path, or the name that the caller gave a stream.</summary>
    public string Name { get; }

    /// <summary>How the file is written.</summary>
    public TransferSyntax TransferSyntax { get; }

    /// <summary>The attributes.</summary>
    public DicomDataset Dataset { get; }

    /// <summary>The identifier of the kind of object: CT image, segmentation …; null where the file does not say.</summary>
    public string? SopClass => Dataset.Text(Tags.SopClass);

    /// <summary>The identifier of the object; null where the file does not say.</summary>
    public string? SopInstance => Dataset.Text(Tags.SopInstance);

    /// <summary>The kind of machine: CT, MR, SEG …; null where the file does not say.</summary>
    public string? Modality => Dataset.Text(Tags.Modality);

    /// <summary>Whether the content looks like a DICOM file, with a preamble or without.</summary>
    /// <param name="content">The file, or its first 132 bytes or more.</param>
    /// <returns>True where it does.</returns>
    public static bool Recognizes(ReadOnlySpan<byte> content)
    {
        if (HasPreamble(content))
        {
            return true;
        }

        // The first element of a file without preamble is one of the groups 0002 and 0008, of a small length.
        if (content.Length < 16)
        {
            return false;
        }

        ushort little = BinaryPrimitives.ReadUInt16LittleEndian(content);
        bool big = content[0] == 0 && content[1] == 8;
        if (!big && little is not (0x0002 or 0x0008))
        {
            return false;
        }

        ushort element = big ? BinaryPrimitives.ReadUInt16BigEndian(content[2..]) : BinaryPrimitives.ReadUInt16LittleEndian(content[2..]);
        if (element > 0x0100)
        {
            return false;
        }

        bool letters = char.IsAsciiLetterUpper((char)content[4]) && char.IsAsciiLetterUpper((char)content[5]);
        return letters || (!big && BinaryPrimitives.ReadUInt32LittleEndian(content[4..]) < 1024);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The file, its values in memory.</returns>
    /// <exception cref="MedicalFileException">The file is missing, of another format, damaged or larger than allowed.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static DicomFile Read(string path, DicomReadOptions? options = null) => Decode(MedicalBytes.Read(path), path, options);

    /// <summary>Reads a file that is in memory.</summary>
    /// <param name="content">The whole file; kept, not copied.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The file.</returns>
    /// <exception cref="MedicalFileException">The content is of another format, damaged or larger than allowed.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static DicomFile Decode(byte[] content, string name, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(name);
        return Parse(content, content.Length, name, Checked(options), stopAtPixels: false);
    }

    /// <summary>Reads a file without its pixels: of a large file its first part alone is read from the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The file without what stands behind its header.</returns>
    /// <exception cref="MedicalFileException">The file is missing, of another format, damaged or larger than allowed.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static DicomFile ReadHeader(string path, DicomReadOptions? options = null)
    {
        options = Checked(options);
        (byte[] start, long length) = MedicalBytes.ReadStart(path, StartLength);
        try
        {
            return Parse(start, length, path, options, stopAtPixels: true);
        }
        catch (DicomParser.BeyondStartException)
        {
            byte[] content = MedicalBytes.Read(path);
            return Parse(content, content.Length, path, options, stopAtPixels: true);
        }
    }

    private static DicomFile Parse(byte[] content, long length, string name, DicomReadOptions options, bool stopAtPixels)
    {
        if (!Recognizes(content))
        {
            throw new MedicalFileException(
                MedicalFileFault.Foreign,
                name,
                content.Length == 0 ? "an empty file" : "content that is no DICOM",
                "a DICOM file",
                "Check the path, or read the file with the reader of its format");
        }

        int start = HasPreamble(content) ? Preamble + 4 : 0;
        var meta = new DicomParser(content, length, start, TransferSyntax.ExplicitLittleEndian, name, stopAtPixels);
        DicomDataset information = meta.ReadMeta();
        ReadOnlyMemory<byte> data = content;
        TransferSyntax syntax = information.Text(Tags.TransferSyntaxUid) is { } uid
            ? TransferSyntax.Of(uid)
            : Guess(content.AsSpan(meta.Position));
        int position = meta.Position;
        if (syntax.IsDeflated)
        {
            if (length > content.Length)
            {
                throw new DicomParser.BeyondStartException();
            }

            data = Inflate(content, position, name, options.MaximumBytes);
            (position, length) = (0, data.Length);
        }

        // Some writers state implicit and write explicit: the letters of a representation would be a length of more than 16384 bytes.
        bool explicitAllTheSame = !syntax.IsExplicit && DicomParser.BeginsExplicit(data.Span[position..]);
        TransferSyntax written = explicitAllTheSame ? TransferSyntax.ExplicitLittleEndian : syntax;
        return new DicomFile(new DicomParser(data, length, position, written, name, stopAtPixels).ReadAll(), syntax, name);
    }

    /// <summary>How a data set without meta information is written, by its first element.</summary>
    private static TransferSyntax Guess(ReadOnlySpan<byte> data)
    {
        bool letters = data.Length >= 6 && char.IsAsciiLetterUpper((char)data[4]) && char.IsAsciiLetterUpper((char)data[5]);
        return !letters
            ? TransferSyntax.ImplicitLittleEndian
            : data[0] == 0 && data[1] != 0 ? TransferSyntax.ExplicitBigEndian : TransferSyntax.ExplicitLittleEndian;
    }

    private static byte[] Inflate(byte[] content, int position, string name, long most)
    {
        using var source = new MemoryStream(content, position, content.Length - position, writable: false);
        using var deflate = new DeflateStream(source, CompressionMode.Decompress);
        return Unpacking.ReadAll(deflate, name, most, nameof(DicomReadOptions) + "." + nameof(DicomReadOptions.MaximumBytes));
    }

    private static bool HasPreamble(ReadOnlySpan<byte> content) =>
        content.Length >= Preamble + 4 && content[Preamble..].StartsWith("DICM"u8);

    private static DicomReadOptions Checked(DicomReadOptions? options)
    {
        options ??= DicomReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(DicomFile), options.Validate());
        return options;
    }
}
