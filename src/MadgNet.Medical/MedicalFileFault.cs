namespace MadgNet.Medical;

/// <summary>Why a medical file was refused.</summary>
public enum MedicalFileFault
{
    /// <summary>The file does not exist or cannot be opened.</summary>
    Unreadable,

    /// <summary>The content is of another format.</summary>
    Foreign,

    /// <summary>The content ends early or contradicts itself.</summary>
    Damaged,

    /// <summary>The content is valid and of a kind that is not read: a compression, a photometric interpretation.</summary>
    Unsupported,

    /// <summary>The content would need more memory than the options allow.</summary>
    TooLarge,

    /// <summary>Files that do not belong together, or masks that do not fit their images.</summary>
    Inconsistent,
}
