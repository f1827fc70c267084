namespace MadgNet.Core.Data;

/// <summary>What is done with images without a mask and masks without an image.</summary>
public enum UnpairedFiles
{
    /// <summary>The dataset is not made; the exception lists all of them.</summary>
    Refuse,

    /// <summary>They are left out and listed in <see cref="IDataset.Findings"/>.</summary>
    LeaveOut,
}
