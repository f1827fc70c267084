namespace MadgNet.Core.Data;

/// <summary>What makes a pixel of a mask file foreground, for a label with mask files of its own.</summary>
public enum MaskReading
{
    /// <summary>
    /// The grey: a mask of two values, 0 and another, is background and foreground; one with soft edges is scaled by its bit depth. A
    /// file with further values, such as a label image, is refused.
    /// </summary>
    Gray,

    /// <summary>
    /// The grey as a share: a mask drawn by several experts and averaged, a probability. What reaches half of the range (0.5, so 128 of
    /// 255) is foreground; no file is refused for its values.
    /// </summary>
    Soft,

    /// <summary>Every value but 0 is foreground: numbered instances, classes that are to be one, any colour but black.</summary>
    NonZero,

    /// <summary>The transparency: what is drawn on a transparent ground is foreground, whatever its colour.</summary>
    Alpha,
}
